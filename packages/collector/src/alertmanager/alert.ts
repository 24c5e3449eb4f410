import type { RuleRef } from '../desk/signal.ts';

/** The file of the rules that other servers' alerts stand for. */
export const EXTERNAL_FILE = 'alertmanager';

/** An alert as Alertmanager's protocol has it. Times are milliseconds since the Unix epoch. */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAtMs: number;
  /** In the future while it fires. */
  readonly endsAtMs: number;
  /** When it was last heard of. */
  readonly updatedAtMs: number;
  /** Where its expression can be seen; '' when unknown. */
  readonly generatorUrl: string;
}

/** The rule an alert of another server stands for: where it comes from, and its name. */
export function externalRule({ labels, generatorUrl }: Pick<Alert, 'labels' | 'generatorUrl'>): RuleRef {
  const host = URL.parse(generatorUrl)?.host ?? '';
  return {
    file: EXTERNAL_FILE,
    group: host === '' ? 'external' : host,
    name: labels['alertname'] ?? 'alert',
  };
}

/** The expression a Prometheus writes into the address of its graph; '' when there is none. */
export function externalExpression({ generatorUrl }: Pick<Alert, 'generatorUrl'>): string {
  return URL.parse(generatorUrl)?.searchParams.get('g0.expr') ?? '';
}
