import { Labels } from '../labels.ts';
import { parseDuration } from '../text/duration.ts';
import { parseGoFloat } from '../text/go-number.ts';
import { unquoteGo } from '../text/go-quote.ts';
import {
  parseSeriesDescription,
  type SequenceValue,
  type SeriesDescription,
} from '../syntax/series-description.ts';
import { parseStartTimes, splitStartTimeLine } from './start-time-line.ts';

/** What an `expect` line asks of a message: to be this text, or to match this pattern. */
export interface MessageExpectation {
  readonly text?: string;
  readonly pattern?: string;
}

/** A `load` block. */
export interface LoadCommand {
  readonly kind: 'load';
  readonly line: number;
  readonly stepMs: number;
  /** Also build a native histogram from each classic one. */
  readonly nativeToo: boolean;
  readonly series: readonly LoadedSeries[];
}

export interface LoadedSeries extends SeriesDescription {
  /** By value, its start relative to its own time in milliseconds; undefined = not known. */
  readonly startOffsets?: readonly (number | undefined)[];
}

export interface ClearCommand {
  readonly kind: 'clear';
  readonly line: number;
}

/** One expected series, or with `labels` absent an expected scalar. */
export interface ExpectedSeries {
  readonly labels: Labels | undefined;
  readonly values: readonly SequenceValue[];
}

/** An `eval` block. Times are milliseconds since the epoch. */
export interface EvalCommand {
  readonly kind: 'eval';
  readonly line: number;
  readonly text: string;
  readonly range: { readonly startMs: number; readonly endMs: number; readonly stepMs: number } | undefined;
  readonly timeMs: number;
  readonly expected: readonly ExpectedSeries[];
  readonly expectedString: string | undefined;
  /** The times of the points an instant query's matrix must have. */
  readonly expectedRange:
    | { readonly startMs: number; readonly endMs: number; readonly stepMs: number }
    | undefined;
  readonly ordered: boolean;
  readonly fail: MessageExpectation | undefined;
  readonly warnings: readonly MessageExpectation[];
  readonly infos: readonly MessageExpectation[];
  readonly noWarnings: boolean;
  readonly noInfos: boolean;
}

export type TestCommand = LoadCommand | ClearCommand | EvalCommand;

/** A test file that is not written in the language. */
export class TestFileError extends Error {
  override readonly name = 'TestFileError';
}

/** Reads a file in the language of Prometheus' PromQL tests. Throws `TestFileError`. */
export function parseTestFile(text: string): TestCommand[] {
  const lines = text.split('\n').map((line) => {
    const trimmed = line.trim();
    return trimmed.startsWith('#') ? '' : trimmed;
  });
  const commands: TestCommand[] = [];
  for (let at = 0; at < lines.length; at++) {
    if (lines[at] === '') continue;
    let end = at + 1;
    while (end < lines.length && lines[end] !== '') end++;
    const word = (lines[at] ?? '').split(/\s/, 1)[0]?.toLowerCase() ?? '';
    // `clear` is a line of its own; what follows is the next command.
    if (word === 'clear') end = at + 1;
    commands.push(parseCommand(word, lines.slice(at, end), at + 1));
    at = end - 1;
  }
  return commands;
}

function parseCommand(word: string, block: readonly string[], line: number): TestCommand {
  try {
    if (word === 'clear') return { kind: 'clear', line };
    if (word.startsWith('load')) return parseLoad(block, line);
    if (word.startsWith('eval')) return parseEval(block, line);
  } catch (error) {
    if (error instanceof TestFileError || !(error instanceof Error)) throw error;
    throw new TestFileError(`line ${line}: ${error.message}`, { cause: error });
  }
  throw new TestFileError(`line ${line}: invalid command ${JSON.stringify(block[0])}`);
}

function parseLoad(block: readonly string[], line: number): LoadCommand {
  const [head = '', ...rest] = block;
  const match = /^load(_with_nhcb)?\s+(\S+)$/i.exec(head);
  if (!match) throw new TestFileError(`line ${line}: expected load[_with_nhcb] <step>`);
  const series: LoadedSeries[] = [];
  let startOffsets: (number | undefined)[] | undefined;
  for (const each of rest) {
    const starts = splitStartTimeLine(each);
    if (starts) {
      startOffsets = parseStartTimes(starts.offsets);
      continue;
    }
    series.push({ ...parseSeriesDescription(each), ...(startOffsets && { startOffsets }) });
    startOffsets = undefined;
  }
  return {
    kind: 'load',
    line,
    stepMs: parseDuration(match[2] ?? ''),
    nativeToo: match[1] !== undefined,
    series,
  };
}

const INSTANT = /^eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(\S+))?\s*(.+)$/;
const RANGE = /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+?)\s+(.+)$/;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function parseEval(block: readonly string[], line: number): EvalCommand {
  const [head = '', ...rest] = block;
  const expected: ExpectedSeries[] = [];
  const command: Mutable<EvalCommand> = {
    kind: 'eval',
    line,
    ...parseEvalHead(head),
    expected,
    expectedString: undefined,
    expectedRange: undefined,
    noWarnings: false,
    noInfos: false,
  };
  for (const each of rest) parseExpectation(each, command, expected);
  return command;
}

type EvalHead = Pick<EvalCommand, 'text' | 'range' | 'timeMs' | 'ordered' | 'fail' | 'warnings' | 'infos'>;

function parseEvalHead(head: string): EvalHead {
  const instant = INSTANT.exec(head);
  if (instant) {
    const [, modifier, at = '0', text = ''] = instant;
    return { text, range: undefined, timeMs: parseDuration(at), ...oldModifier(modifier) };
  }
  const range = RANGE.exec(head);
  if (!range)
    throw new TestFileError(
      'expected eval instant at <time> <query> or eval range from <time> to <time> step <duration> <query>',
    );
  const [, modifier, from = '', to = '', step = '', text = ''] = range;
  const times = { startMs: parseDuration(from), endMs: parseDuration(to), stepMs: parseDuration(step) };
  return { text, range: times, timeMs: 0, ...oldModifier(modifier) };
}

/** What `eval_fail` and its like say, which today stands on lines of its own. */
function oldModifier(
  modifier: string | undefined,
): Pick<EvalHead, 'ordered' | 'fail' | 'warnings' | 'infos'> {
  return {
    ordered: modifier === 'ordered',
    fail: modifier === 'fail' ? {} : undefined,
    warnings: modifier === 'warn' ? [{}] : [],
    infos: modifier === 'info' ? [{}] : [],
  };
}

const EXPECT_RANGE = /^expect range vector from (\S+) to (\S+) step (\S+)$/;
const EXPECT = /^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$/;

function parseExpectation(text: string, command: Mutable<EvalCommand>, expected: ExpectedSeries[]): void {
  const range = EXPECT_RANGE.exec(text);
  if (range) {
    const [startMs = 0, endMs = 0, stepMs = 0] = range.slice(1).map(parseDuration);
    command.expectedRange = { startMs, endMs, stepMs };
    command.timeMs = endMs;
  } else if (text.startsWith('expect string')) {
    command.expectedString = unquoteGo(text.slice('expect string'.length).trim());
  } else if (command.fail && text.startsWith('expected_fail_message')) {
    command.fail = { text: text.slice('expected_fail_message'.length).trim() };
  } else if (command.fail && text.startsWith('expected_fail_regexp')) {
    command.fail = { pattern: text.slice('expected_fail_regexp'.length).trim() };
  } else if (text.split(' ', 1)[0] === 'expect') parseExpect(text, command);
  else expected.push(parseExpectedSeries(text));
}

function parseExpect(text: string, command: Mutable<EvalCommand>): void {
  const match = EXPECT.exec(text);
  if (!match) throw new TestFileError(`invalid expect line ${JSON.stringify(text)}`);
  const [, what, how, rest = ''] = match;
  const message = how === undefined ? {} : how === 'msg' ? { text: rest.trim() } : { pattern: rest.trim() };
  if (what === 'ordered') command.ordered = true;
  else if (what === 'fail') command.fail = message;
  else if (what === 'warn') command.warnings = [...command.warnings, message];
  else if (what === 'info') command.infos = [...command.infos, message];
  else if (what === 'no_warn') command.noWarnings = true;
  else command.noInfos = true;
}

function parseExpectedSeries(text: string): ExpectedSeries {
  const value = parseGoFloat(text);
  if (value !== undefined) return { labels: undefined, values: [{ kind: 'float', value }] };
  return parseSeriesDescription(text);
}
