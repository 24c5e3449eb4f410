import { RE2JS } from 're2js';
import type { QueryResult } from '../result.ts';
import type { EvalCommand, MessageExpectation } from './parse-test-file.ts';

/** Whether a message is what is expected; nothing said means anything will do. */
export function matchesMessage(message: string, { text, pattern }: MessageExpectation): boolean {
  if (text !== undefined) return message === text;
  return pattern === undefined || RE2JS.compile(pattern).matcher(message).find();
}

/** What is wrong with a result's warnings and infos, or undefined. */
export function checkAnnotations(result: QueryResult, command: EvalCommand): string | undefined {
  if (command.noWarnings && result.warnings.length > 0)
    return `unexpected warnings: ${result.warnings.join('; ')}`;
  if (command.noInfos && result.infos.length > 0) return `unexpected infos: ${result.infos.join('; ')}`;
  return (
    checkKind('warning', result.warnings, command.warnings) ?? checkKind('info', result.infos, command.infos)
  );
}

function checkKind(
  kind: string,
  actual: readonly string[],
  expected: readonly MessageExpectation[],
): string | undefined {
  if (expected.length === 0) return undefined;
  const missing = expected.find((each) => !actual.some((message) => matchesMessage(message, each)));
  if (missing) {
    return `expected ${kind} ${missing.text ?? missing.pattern ?? ''} but got ${actual.join('; ') || 'none'}`;
  }
  const surplus = actual.find((message) => !expected.some((each) => matchesMessage(message, each)));
  return surplus === undefined ? undefined : `unexpected ${kind}: ${surplus}`;
}
