import type { Matcher } from '@plimsoll/promql';

const PLAIN_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * Matchers as a selector in PromQL. Servers want at least one that is not met by an absent label; `__name__!=""` would say
 * it too, but Mimir leaves that away before it looks whether there is one.
 */
export function selectorText(matchers: readonly Matcher[]): string {
  const parts = matchers.map(({ name, type, value }) => `${nameText(name)}${type}${JSON.stringify(value)}`);
  if (!matchers.some(demandsALabel)) parts.push('__name__=~".+"');
  return `{${parts.join(',')}}`;
}

function demandsALabel({ type, value }: Matcher): boolean {
  return type === '=' ? value !== '' : type === '!=' && value === '';
}

function nameText(name: string): string {
  return PLAIN_NAME.test(name) ? name : JSON.stringify(name);
}
