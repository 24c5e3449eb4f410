import { quoteGo } from '@plimsoll/promql';
import {
  formatValue,
  GoTime,
  type GoValue,
  goTypeName,
  isList,
  isMap,
  isSample,
  isTruthy,
} from './go-value.ts';
import { PendingQuery, type TemplateEnvironment } from './template-environment.ts';
import { TemplateError } from './template-error.ts';
import { callTemplateFunction } from './template-functions.ts';
import type { Command, Operand, ParsedTemplate, Pipeline, TemplateNode } from './template-node.ts';

/** Longer output is an error: an annotation is read by a person, and kept with the incident. */
const MAX_OUTPUT_CHARACTERS = 65_536;
/** Templates calling themselves deeper than this are an error. */
const MAX_CALL_DEPTH = 100;

type Flow = 'next' | 'break' | 'continue';

/**
 * Runs a template over its data.
 * @throws {TemplateError} with the place and the message Go gives
 * @throws {PendingQuery} when the environment's `query` has no answer yet
 */
export function executeTemplate(template: ParsedTemplate, data: GoValue, env: TemplateEnvironment): string {
  const run = new TemplateRun(template, env);
  run.execute(template.nodes, data, 0);
  return run.output;
}

class TemplateRun {
  output = '';
  readonly #template: ParsedTemplate;
  readonly #env: TemplateEnvironment;
  #variables: { name: string; value: GoValue }[] = [];
  #depth = 0;

  constructor(template: ParsedTemplate, env: TemplateEnvironment) {
    this.#template = template;
    this.#env = env;
  }

  execute(nodes: readonly TemplateNode[], data: GoValue, depth: number): void {
    const outer = this.#variables;
    const outerDepth = this.#depth;
    this.#variables = [{ name: '$', value: data }];
    this.#depth = depth;
    this.#walk(nodes, data);
    this.#variables = outer;
    this.#depth = outerDepth;
  }

  #walk(nodes: readonly TemplateNode[], dot: GoValue): Flow {
    for (const node of nodes) {
      const flow = this.#step(node, dot);
      if (flow !== 'next') return flow;
    }
    return 'next';
  }

  #step(node: TemplateNode, dot: GoValue): Flow {
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return 'next';
      case 'action': {
        const value = this.#pipeline(node.pipeline, dot);
        if (node.pipeline.declares.length === 0) this.#write(formatValue(value));
        return 'next';
      }
      case 'if':
      case 'with':
        return this.#branch(node, dot);
      case 'range':
        return this.#range(node, dot);
      case 'template':
        this.#call(node, dot);
        return 'next';
      case 'break':
      case 'continue':
      default:
        return node.kind;
    }
  }

  #write(text: string): void {
    this.output += text;
    if (this.output.length > MAX_OUTPUT_CHARACTERS)
      throw this.#error({ at: 0, text: '' }, `output longer than ${MAX_OUTPUT_CHARACTERS} characters`);
  }

  #branch(node: TemplateNode & { kind: 'if' | 'with' | 'range' }, dot: GoValue): Flow {
    const scope = this.#variables.length;
    const value = this.#pipeline(node.pipeline, dot);
    const inner = node.kind === 'with' && isTruthy(value) ? value : dot;
    const flow = this.#walk(isTruthy(value) ? node.body : node.otherwise, inner);
    this.#variables.length = scope;
    return flow;
  }

  #range(node: TemplateNode & { kind: 'if' | 'with' | 'range' }, dot: GoValue): Flow {
    const scope = this.#variables.length;
    const value = this.#pipeline(node.pipeline, dot);
    const inner = this.#variables.length;
    const entries = this.#entries(value, node.pipeline);
    for (const [key, element] of entries) {
      const [first, second] = node.pipeline.declares;
      if (second !== undefined && first !== undefined) {
        this.#set(first, key);
        this.#set(second, element);
      } else if (first !== undefined) this.#set(first, element);
      const flow = this.#walk(node.body, element);
      this.#variables.length = inner;
      if (flow === 'break') break;
    }
    const flow = entries.length === 0 ? this.#walk(node.otherwise, dot) : 'next';
    this.#variables.length = scope;
    return flow;
  }

  #entries(value: GoValue, pipeline: Pipeline): (readonly [GoValue, GoValue])[] {
    if (isList(value)) return value.map((element, i) => [BigInt(i), element] as const);
    if (isMap(value)) return [...value].toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (typeof value === 'bigint' && value <= BigInt(MAX_OUTPUT_CHARACTERS))
      return Array.from(
        { length: Math.max(Number(value), 0) },
        (_element, i) => [BigInt(i), BigInt(i)] as const,
      );
    if (value === null) return [];
    throw this.#error(
      pipeline.commands[0]?.[0] ?? { at: pipeline.at, text: '' },
      `range can't iterate over ${formatValue(value)}`,
    );
  }

  #call(node: TemplateNode & { kind: 'template' }, dot: GoValue): void {
    const body = this.#template.definitions.get(node.name);
    const place = { at: node.at, text: `{{template ${quoteGo(node.name)}}}` };
    if (!body) throw this.#error(place, `template ${quoteGo(node.name)} not defined`);
    if (this.#depth >= MAX_CALL_DEPTH)
      throw this.#error(place, `templates call each other deeper than ${MAX_CALL_DEPTH}`);
    const data = node.pipeline ? this.#pipeline(node.pipeline, dot) : null;
    this.execute(body, data, this.#depth + 1);
  }

  /** The innermost variable of that name, made when there is none. */
  #set(name: string, value: GoValue): void {
    const found = this.#variables.findLast((variable) => variable.name === name);
    if (found) found.value = value;
    else this.#variables.push({ name, value });
  }

  #pipeline(pipeline: Pipeline, dot: GoValue): GoValue {
    let value: GoValue | undefined;
    for (const command of pipeline.commands) value = this.#command(command, dot, value);
    const result = value ?? null;
    for (const name of pipeline.declares) {
      if (pipeline.assigns) this.#set(name, result);
      else this.#variables.push({ name, value: result });
    }
    return result;
  }

  #command([head, ...operands]: Command, dot: GoValue, piped: GoValue | undefined): GoValue {
    if (head.kind === 'literal' && head.value === null) throw this.#error(head, 'nil is not a command');
    if (head.kind !== 'function') {
      if (operands.length > 0 || piped !== undefined)
        throw this.#error(head, `can't give argument to non-function ${head.text}`);
      return this.#operand(head, dot);
    }
    if (head.name === 'and' || head.name === 'or') return this.#shortCircuit(head.name, operands, dot, piped);
    const args = operands.map((operand) => this.#operand(operand, dot));
    if (piped !== undefined) args.push(piped);
    return this.#invoke(head, args, [head, ...operands].map(({ text }) => text).join(' '));
  }

  #shortCircuit(
    name: 'and' | 'or',
    operands: readonly Operand[],
    dot: GoValue,
    piped: GoValue | undefined,
  ): GoValue {
    let value: GoValue = null;
    for (const operand of operands) {
      value = this.#operand(operand, dot);
      if (isTruthy(value) === (name === 'or')) return value;
    }
    return piped ?? value;
  }

  #invoke(head: Operand & { kind: 'function' }, args: readonly GoValue[], text = head.text): GoValue {
    try {
      return callTemplateFunction(head.name, args, this.#env);
    } catch (error) {
      if (error instanceof PendingQuery || error instanceof TemplateError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      const usage = reason.startsWith('wrong number of args') || reason.startsWith('wrong type for value');
      throw this.#error(
        { at: head.at, text: usage ? head.text : text },
        usage ? reason : `error calling ${head.name}: ${reason}`,
      );
    }
  }

  #operand(operand: Operand, dot: GoValue): GoValue {
    switch (operand.kind) {
      case 'literal':
        return operand.value;
      case 'dot':
        return dot;
      case 'variable':
        return this.#variables.findLast((variable) => variable.name === operand.name)?.value ?? null;
      case 'function':
        return this.#invoke(operand, []);
      case 'pipeline': {
        const scope = this.#variables.length;
        const value = this.#pipeline(operand.pipeline, dot);
        this.#variables.length = scope;
        return value;
      }
      case 'chain':
      default:
        return operand.fields.reduce(
          (base, field) => this.#field(base, field, operand),
          this.#operand(operand.base, dot),
        );
    }
  }

  #field(base: GoValue, field: string, operand: Operand): GoValue {
    if (isMap(base)) return base.get(field) ?? '';
    if (isSample(base) && field === 'Labels') return base.labels;
    if (isSample(base) && field === 'Value') return base.value;
    const type = base instanceof GoTime ? 'time.Time' : goTypeName(base);
    if (base === null) throw this.#error(operand, `nil data; no entry for key ${quoteGo(field)}`);
    throw this.#error(operand, `can't evaluate field ${field} in type ${type}`);
  }

  #error(place: { at: number; text: string }, problem: string): Error {
    const { name, source } = this.#template;
    return TemplateError.execution(name, source, place.at, place.text, problem);
  }
}
