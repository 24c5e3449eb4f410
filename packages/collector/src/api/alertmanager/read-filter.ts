import { type Matcher, matcherError } from '@plimsoll/promql';
import { labelPredicate } from '../../alertmanager/silence.ts';
import { AlertmanagerError } from './alertmanager-error.ts';

const MATCHER =
  /^\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<plain>[a-zA-Z_:][\w:]*))\s*(?<type>=~|!=|!~|=)\s*(?<value>.*?)\s*$/s;
const QUOTED = /^"(?<text>(?:[^"\\]|\\.)*)"$/s;

/** One matcher as `name="value"`; quotes may be left out, as Alertmanager's tools do. */
export function parseMatcher(text: string): Matcher {
  const groups = MATCHER.exec(text)?.groups;
  const written = groups?.['value'] ?? '';
  const quoted = QUOTED.exec(written)?.groups?.['text'];
  if (groups === undefined || (quoted === undefined && written.includes('"'))) {
    throw AlertmanagerError.refused(400, `bad matcher format: ${text}`);
  }
  const matcher = {
    name: groups['plain'] ?? unescape(groups['quoted'] ?? ''),
    // The pattern above admits these four only.
    type: groups['type'] as Matcher['type'],
    value: unescape(quoted ?? written),
  };
  const fault = matcherError(matcher);
  if (fault !== undefined) throw AlertmanagerError.refused(400, `bad matcher format: ${text}: ${fault}`);
  return matcher;
}

/** Whether labels meet all `filter` parameters of a request. */
export function filterOf(query: URLSearchParams): (labels: Readonly<Record<string, string>>) => boolean {
  return labelPredicate(query.getAll('filter').map(parseMatcher));
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_, character: string) => (character === 'n' ? '\n' : character));
}

/** A switch of a request as Alertmanager's API reads them; on when it is left out. */
export function isOn(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  return text === null || /^(?:true|1|yes|ok|y|on|selected|checked|t|enabled)$/i.test(text);
}
