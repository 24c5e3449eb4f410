import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { formatExpression, parseExpression, PromqlParseError, valueTypeOf } from '@plimsoll/promql';
import { describe, expect, it } from 'vitest';

interface Case {
  input: string;
  ok: boolean;
  ok_default_flags: boolean;
  error: string | null;
  error_default_flags: string | null;
  type: string;
  canonical: string;
}

const file = path.resolve(import.meta.dirname, '../../../../shared/conformance/promql/parse.json');
const cases: Case[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];

/** As the corpus was recorded: everything experimental on but unquoted UTF-8 names. */
const ALL = { experimentalFunctions: true, fillModifiers: true };

function outcome(
  input: string,
  options: object,
): { error: string | null; type?: string; canonical?: string } {
  try {
    const expression = parseExpression(input, options);
    return { error: null, type: valueTypeOf(expression), canonical: formatExpression(expression) };
  } catch (error) {
    if (error instanceof PromqlParseError) return { error: error.message };
    throw error;
  }
}

describe.skipIf(cases.length === 0)(
  `parser corpus (${file} ${cases.length === 0 ? 'absent' : 'present'})`,
  () => {
    it.each(cases.map((each, index) => [index, each] as const))('case %i: $input', (_, each) => {
      const all = outcome(each.input, ALL);
      if (each.ok) expect(all).toEqual({ error: null, type: each.type, canonical: each.canonical });
      else expect(all).toEqual({ error: each.error });
      expect(outcome(each.input, {}).error).toBe(each.error_default_flags);
    });
  },
);
