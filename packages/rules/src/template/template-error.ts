import { quoteGo } from '@plimsoll/promql';
/** A template that cannot be parsed or run. Messages have the form Go's text/template gives them. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';

  constructor(template: string, source: string, at: number, problem: string) {
    super(`template: ${template}:${lineOf(source, at)}: ${problem}`);
  }

  /** An error while running: names the place inside the line and what was being evaluated there. */
  static execution(template: string, source: string, at: number, context: string, problem: string): Error {
    const column = at - (source.lastIndexOf('\n', at - 1) + 1);
    const error = new TemplateError(template, source, at, problem);
    error.message =
      `template: ${template}:${lineOf(source, at)}:${column}: executing ${quoteGo(template)} ` +
      `at <${shorten(context)}>: ${problem}`;
    return error;
  }
}

function lineOf(source: string, at: number): number {
  let line = 1;
  for (let i = source.indexOf('\n'); i !== -1 && i < at; i = source.indexOf('\n', i + 1)) line++;
  return line;
}

function shorten(context: string): string {
  return context.length > 20 ? `${context.slice(0, 20)}...` : context;
}
