import type { GoValue, TemplateSample } from './go-value.ts';

/** What functions reach besides their arguments. */
export interface TemplateEnvironment {
  readonly externalUrl: string;
  readonly nowMs: number;
  readonly query: (expression: string) => readonly TemplateSample[];
}

export interface FunctionSpec {
  readonly least: number;
  readonly most: number;
  readonly call: (args: readonly GoValue[], env: TemplateEnvironment) => GoValue;
}

/** Thrown by `query` when its answer is not at hand yet: the expander fetches it and starts the template again. */
export class PendingQuery extends Error {
  override readonly name = 'PendingQuery';
  readonly expression: string;
  constructor(expression: string) {
    super('query pending');
    this.expression = expression;
  }
}
