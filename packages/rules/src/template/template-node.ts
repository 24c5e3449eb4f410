import type { GoValue } from './go-value.ts';

/** Anything that yields a value. `at` and `text` say where it stands, for errors. */
export type Operand = (
  | { readonly kind: 'literal'; readonly value: GoValue }
  | { readonly kind: 'dot' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline }
  | { readonly kind: 'chain'; readonly base: Operand; readonly fields: readonly string[] }
) & { readonly at: number; readonly text: string };

/** Operands of one command: the first is called with the others, or stands alone. */
export type Command = readonly [Operand, ...Operand[]];

export interface Pipeline {
  readonly declares: readonly string[];
  readonly assigns: boolean;
  readonly commands: readonly Command[];
  readonly at: number;
}

export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipeline: Pipeline;
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    }
  | {
      readonly kind: 'template';
      readonly name: string;
      readonly pipeline: Pipeline | undefined;
      readonly at: number;
    }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' };

/** A parsed template with the ones it defines. */
export interface ParsedTemplate {
  readonly name: string;
  readonly source: string;
  readonly nodes: readonly TemplateNode[];
  readonly definitions: ReadonlyMap<string, readonly TemplateNode[]>;
}
