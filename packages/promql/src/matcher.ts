import { RE2JS, RE2JSException } from 're2js';
import type { Matcher } from './queryable.ts';

/**
 * Compiled regular expressions kept for reuse: queries and rules repeat theirs at each evaluation. When full, the
 * cache starts over, which costs less than keeping an order of use.
 */
const MAX_CACHED = 1000;
const cache = new Map<string, (value: string) => boolean>();

/** Whether a label value satisfies a matcher; '' stands for an absent label. Throws where the pattern is no RE2. */
export function matcherPredicate(matcher: Matcher): (value: string) => boolean {
  const { value } = matcher;
  switch (matcher.type) {
    case '=':
      return (candidate) => candidate === value;
    case '!=':
      return (candidate) => candidate !== value;
    case '=~':
      return regexPredicate(value);
    case '!~':
    default: {
      const matches = regexPredicate(value);
      return (candidate) => !matches(candidate);
    }
  }
}

/** The reason a matcher cannot be used, or undefined. */
export function matcherError(matcher: Matcher): string | undefined {
  if (matcher.type === '=' || matcher.type === '!=') return undefined;
  try {
    // On its own, so that the message shows what was written.
    if (!cache.has(matcher.value)) RE2JS.compile(matcher.value);
    regexPredicate(matcher.value);
    return undefined;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return error.message;
  }
}

function regexPredicate(pattern: string): (value: string) => boolean {
  const cached = cache.get(pattern);
  if (cached) return cached;
  const predicate = compile(pattern);
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(pattern, predicate);
  return predicate;
}

/** The values a pattern stands for, where it is an alternation of literals; a store can look these up directly. */
export function literalAlternatives(pattern: string): readonly string[] | undefined {
  const body = /^\((?:\?:)?([^()]*)\)$/.exec(pattern)?.[1] ?? pattern;
  if (/[\\^$.*+?()[\]{}]/.test(body)) return undefined;
  return body.split('|');
}

function compile(pattern: string): (value: string) => boolean {
  if (pattern === '.*') return () => true;
  if (pattern === '.+') return (value) => value !== '';
  const alternatives = literalAlternatives(pattern);
  if (alternatives) {
    const set = new Set(alternatives);
    return (value) => set.has(value);
  }
  const affix = /^([^\\^$.*+?()[\]{}|]*)(\.[*+])([^\\^$.*+?()[\]{}|]*)$/.exec(pattern);
  if (affix) return affixPredicate(affix[1] ?? '', affix[3] ?? '', affix[2] === '.+' ? 1 : 0);
  // Dots match newlines and the whole value has to match.
  const regex = RE2JS.compile(`^(?s:${pattern})$`);
  return (value) => regex.testExact(value);
}

function affixPredicate(prefix: string, suffix: string, between: number): (value: string) => boolean {
  const least = prefix.length + suffix.length + between;
  return (value) => value.length >= least && value.startsWith(prefix) && value.endsWith(suffix);
}

/** A compiled, anchored regular expression with its groups, for `label_replace`. Throws where it is no RE2. */
export function compileAnchored(pattern: string): RE2JS {
  return RE2JS.compile(`^(?s:${pattern})$`);
}
