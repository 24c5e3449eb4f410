import type { Dice } from './dice.ts';
import { FAMILIES, LABEL_VALUES } from './families.ts';
import type { TimeSpan } from './generate-series.ts';

const LABELS = Object.keys(LABEL_VALUES);
const METRICS = FAMILIES.flatMap(({ name, course, labelSets }) => {
  const suffixes = course === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  const labels = Object.keys(labelSets[0] ?? {}).filter((label) => LABELS.includes(label));
  return suffixes.map((suffix) => ({ name: name + suffix, labels }));
});

const MAP_FUNCTIONS = `abs absent acos acosh asin asinh atan atanh ceil cos cosh day_of_month day_of_week day_of_year
days_in_month deg exp floor hour ln log10 log2 minute month rad sgn sin sinh sort sort_desc sqrt tan tanh timestamp year`;
/** Of native histograms: nothing of anything else. */
const HISTOGRAM_FUNCTIONS = 'histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar';
const RANGE_FUNCTIONS = `absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase
irate last_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time stdvar_over_time
sum_over_time increase rate rate`;
const AGGREGATIONS = 'sum avg min max count group stddev stdvar sum avg';
const ARITHMETIC = '+ - * / % ^ atan2 + - * /';
const COMPARISONS = '== != > < >= <=';
const NUMBERS = '0 1 -1 0.5 .5 2 2. 3 10 100 017 1e3 1E-3 -2.5 0x1F 1_000 5m 1h30m nan NaN Inf +inf -Inf';
const DURATIONS = '30s 1m 90s 2m 2m 5m 5m 10m 10m 15m 1m30s 500ms 7 17m 1h';
/** Go's regular expressions, some of them wrong. */
const PATTERNS = '.+ .* [a-c0-4].* (?i)A.* ^b$ [[:alpha:]]+ \\\\d+ a{1,2} (?:a|b) .{2}. a|b|c ( *a (?=a)';
const EXPERIMENTAL_FUNCTIONS = 'mad_over_time ts_of_max_over_time sort_by_label info limitk unknown';
const STEPS = '15s 30s 1m 100s 13s';

/** Random PromQL: every function, aggregation and operator a default server has. */
export class ExpressionGenerator {
  readonly #dice: Dice;
  readonly #span: TimeSpan;

  constructor(dice: Dice, span: TimeSpan) {
    this.#dice = dice;
    this.#span = span;
  }

  /** Something to ask: mostly an instant vector, seldom a scalar, a range, a text or a text that does not parse. */
  expression(): string {
    const dice = this.#dice;
    const depth = dice.integer(1, 4);
    return dice.weighted([
      [90, () => this.vector(depth)],
      [4, () => this.scalar(depth)],
      [2, () => this.matrix(depth)],
      [1, () => dice.pick(['"text"', `'it\\'s'`, '`raw\\n`', '"\\u00e9\\x41"'])],
      [1, () => `${dice.word(EXPERIMENTAL_FUNCTIONS)}(${this.matrix(0)})`],
      [3, () => this.#broken(this.vector(2))],
      [8, () => this.#rewritten(this.vector(depth))],
    ]);
  }

  vector(depth: number): string {
    if (depth <= 0) return this.#selector();
    const dice = this.#dice;
    return dice.weighted([
      [1, () => this.#selector()],
      [6, () => this.#rangeCall(depth)],
      [5, () => this.#vectorCall(depth)],
      [6, () => this.#aggregation(depth)],
      [7, () => this.#binary(depth)],
      [0.5, () => `${dice.pick(['-', '+', '-'])}${this.#operand(depth - 1)}`],
      [0.5, () => `vector(${this.scalar(depth - 1)})`],
      [0.2, () => this.scalar(depth - 1)],
    ]);
  }

  scalar(depth: number): string {
    const dice = this.#dice;
    if (depth <= 0) return dice.word(NUMBERS);
    return dice.weighted([
      [5, () => dice.word(NUMBERS)],
      [1, () => 'time()'],
      [1, () => 'pi()'],
      [2, () => `scalar(${this.vector(depth - 1)})`],
      [1, () => `${dice.word('- +')}(${this.scalar(depth - 1)})`],
      [1, () => `(${this.scalar(depth - 1)} ${dice.word(ARITHMETIC)} ${this.scalar(depth - 1)})`],
      [1, () => `(${this.scalar(depth - 1)} ${dice.word(COMPARISONS)} bool ${this.scalar(depth - 1)})`],
    ]);
  }

  matrix(depth: number): string {
    const dice = this.#dice;
    if (depth <= 1 || dice.chance(0.7)) {
      return `${this.#series()}[${dice.word(DURATIONS)}]${this.#modifiers()}`;
    }
    const step = dice.chance(0.8) ? dice.word(STEPS) : '';
    return `${this.#operand(depth - 2)}[${dice.word(DURATIONS)}:${step}]${this.#modifiers()}`;
  }

  /** A metric with matchers, without `offset` and `@`. */
  selector(): string {
    return this.#series();
  }

  #selector(): string {
    return this.#series() + this.#modifiers();
  }

  /** A metric's name with matchers; some select by the name's pattern, some nothing at all. */
  #series(): string {
    const dice = this.#dice;
    const { name, labels } = dice.pick(METRICS);
    const among = dice.chance(0.9) ? labels : LABELS;
    const matchers = dice.some(among, dice.pick([0, 0, 1, 1, 2])).map((label) => this.#matcher(label));
    if (name.includes('.')) return `{${[`"${name}"`, ...matchers].join(', ')}}`;
    if (dice.chance(0.05)) {
      const pattern = `${name.slice(0, dice.integer(3, name.length))}.*`;
      return `{${[`__name__=~"${pattern}"`, ...matchers].join(',')}}`;
    }
    return matchers.length > 0 ? `${name}{${matchers.join(',')}}` : name;
  }

  #matcher(label: string): string {
    const dice = this.#dice;
    const value = (): string => dice.pick(LABEL_VALUES[label] ?? []);
    return dice.weighted([
      [3, () => `${label}="${value()}"`],
      [2, () => `${label}!="${value()}"`],
      [3, () => `${label}=~"${value()}|${value()}"`],
      [2, () => `${label}!~"${value()}"`],
      [1, () => `${label}${dice.word('=~ !~')}"${dice.word(PATTERNS)}"`],
      [1, () => `${label}${dice.word('= != =~')}""`],
    ]);
  }

  #modifiers(): string {
    const dice = this.#dice;
    const modifiers: string[] = [];
    if (dice.chance(0.12)) modifiers.push(`offset ${dice.pick(['', '', '-'])}${dice.word(DURATIONS)}`);
    if (dice.chance(0.08)) {
      const timeMs = dice.integer(this.#span.startMs, this.#span.endMs);
      modifiers.push(`@ ${dice.pick(['start()', 'end()', String(timeMs / 1000)])}`);
    }
    if (dice.chance(0.5)) modifiers.reverse();
    return modifiers.map((modifier) => ` ${modifier}`).join('');
  }

  #rangeCall(depth: number): string {
    const dice = this.#dice;
    const range = this.matrix(depth);
    return dice.weighted([
      [12, () => `${dice.word(RANGE_FUNCTIONS)}(${range})`],
      [1, () => `quantile_over_time(${dice.word('0.5 0.9 0 1 -1 2 NaN 0.25')}, ${range})`],
      [1, () => `predict_linear(${range}, ${dice.word('3600 60 -300 0 1h')})`],
      [0.3, () => `quantile_over_time(${this.scalar(1)}, ${range})`],
    ]);
  }

  #vectorCall(depth: number): string {
    const dice = this.#dice;
    const inner = (): string => this.vector(depth - 1);
    return dice.weighted([
      [10, () => `${dice.word(MAP_FUNCTIONS)}(${inner()})`],
      [0.3, () => `${dice.word(HISTOGRAM_FUNCTIONS)}(${inner()})`],
      [1, () => `clamp(${inner()}, ${this.scalar(1)}, ${this.scalar(1)})`],
      [1, () => `${dice.word('clamp_min clamp_max')}(${inner()}, ${this.scalar(1)})`],
      [1, () => `round(${inner()}${dice.chance(0.5) ? `, ${this.scalar(1)}` : ''})`],
      [3, () => this.#labelCall(inner())],
      [3, () => `histogram_quantile(${dice.word('0.5 0.9 0.99 0 1 -1 2 NaN')}, ${this.#buckets(depth)})`],
      [
        1,
        () =>
          `histogram_fraction(${dice.word('0 0.1 -Inf 1')}, ${dice.word('0.5 1 +Inf 0.05')}, ${this.#buckets(depth)})`,
      ],
      [
        0.5,
        () => `${dice.word('hour minute month year day_of_month day_of_week day_of_year days_in_month')}()`,
      ],
    ]);
  }

  #buckets(depth: number): string {
    const dice = this.#dice;
    const buckets = dice.pick(['latency_seconds_bucket', 'latency_seconds_bucket', 'rough_bucket']);
    return dice.weighted([
      [1, () => buckets],
      [2, () => `rate(${buckets}[${dice.word(DURATIONS)}])`],
      [2, () => `sum ${dice.word('by(le) by(le,job) without(instance)')} (rate(${buckets}[5m]))`],
      [0.5, () => this.vector(depth - 1)],
    ]);
  }

  #labelCall(inner: string): string {
    const dice = this.#dice;
    const source = dice.pick([...LABELS, '__name__', 'none']);
    const target = dice.pick([...LABELS, 'copy', 'copy', '__name__', 'a-b']);
    if (dice.chance(0.3)) {
      const sources = dice.some([...LABELS, 'none'], 3).map((label) => `, "${label}"`);
      return `label_join(${inner}, "${target}", "${dice.pick(['-', '', '/'])}"${sources.join('')})`;
    }
    const replacement = dice.pick(['$1', 'x-$1', '${1}y', '', 'fixed', '$2', '$$1', '$1$0']);
    const pattern = dice.pick(['(.*)', '(.)(.*)', '([a-z]+).*', 'a|b', '', '(.+)-(.+)', '(?P<x>.)']);
    return `label_replace(${inner}, "${target}", "${replacement}", "${source}", "${pattern}")`;
  }

  #aggregation(depth: number): string {
    const dice = this.#dice;
    const grouping = dice.chance(0.75) ? ` ${this.#grouping()} ` : '';
    const inner = this.vector(depth - 1);
    const written = (operator: string, args: string): string =>
      dice.chance(0.8) ? `${operator}${grouping}(${args})` : `${operator}(${args})${grouping}`;
    return dice.weighted([
      [10, () => written(dice.word(AGGREGATIONS), inner)],
      [3, () => written(dice.word('topk bottomk'), `${dice.word('1 2 3 5 0 2.9 100')}, ${inner}`)],
      [1, () => written('quantile', `${dice.word('0.5 0.9 0 1 -1 2 NaN')}, ${inner}`)],
      // The value becomes a label: one that is not exact would name other series for a difference in the last digit.
      [1, () => written('count_values', `"${dice.word('value job')}", ${this.#exact()}`)],
      [0.3, () => written(dice.word('topk quantile'), `${this.scalar(1)}, ${inner}`)],
    ]);
  }

  /** A vector whose values have no rounding in them. */
  #exact(): string {
    const range = `${this.#series()}[${this.#dice.word(DURATIONS)}]`;
    return this.#dice.weighted([
      [2, () => this.#selector()],
      [1, () => `${this.#dice.word('changes resets count_over_time max_over_time')}(${range})`],
      [1, () => `floor(${this.#selector()})`],
    ]);
  }

  #grouping(): string {
    return `${this.#dice.word('by by without')} (${this.#labels(3)})`;
  }

  #labels(most: number): string {
    const common = this.#dice.some(['job', 'instance'], 2);
    const others = this.#dice.some([...LABELS.slice(2), '"mount.point"', 'none'], Math.max(0, most - 2));
    return [...common, ...others].join(this.#dice.pick([',', ', ']));
  }

  #binary(depth: number): string {
    const dice = this.#dice;
    const operator = dice.weighted([
      [5, () => dice.word(ARITHMETIC)],
      [2, () => dice.word(COMPARISONS)],
      [1, () => `${dice.word(COMPARISONS)} bool`],
    ]);
    const left = this.#operand(depth - 1);
    return dice.weighted([
      [3, () => `${left} ${operator} ${this.scalar(1)}`],
      [2, () => `${this.scalar(1)} ${operator} ${left}`],
      [3, () => `${left} ${operator} ${dice.chance(0.5) ? left : this.#operand(depth - 1)}`],
      [3, () => this.#matched(operator, depth)],
      [2, () => this.#enriched(operator, depth)],
      [2, () => this.#grouped(operator, depth)],
      [3, () => `${left} ${dice.word('and or unless')} ${this.#matching()}${this.#operand(depth - 1)}`],
    ]);
  }

  /** Two vectors that have most labels in common. */
  #matched(operator: string, depth: number): string {
    const dice = this.#dice;
    const pairs = [
      ['memory_used_bytes', 'memory_size_bytes'],
      ['latency_seconds_sum', 'latency_seconds_count'],
      ['requests_total{code="200"}', 'requests_total{code="500"}'],
      ['temperature_celsius{zone="0"}', 'queue_level{lane="x"}'],
    ];
    const [left = '', right = ''] = dice.pick(pairs);
    const clause = dice.pick([
      '',
      'on(job,instance) ',
      'ignoring(code) ',
      'ignoring(zone,lane) ',
      this.#matching(),
    ]);
    const wrap = dice.pick([
      (series: string) => series,
      (series: string) => `rate(${series}[5m])`,
      (series: string) => `max_over_time(${series}[2m])`,
    ]);
    const more = depth > 1 && dice.chance(0.3) ? ` ${dice.word(ARITHMETIC)} ${this.#operand(depth - 2)}` : '';
    return `${wrap(left)} ${operator} ${clause}${wrap(right)}${more}`;
  }

  /** Many to one, as labels are taken over from an info series. */
  #enriched(operator: string, depth: number): string {
    const dice = this.#dice;
    const [info, on, include] = dice.pick([
      ['job_info', 'job', 'team'],
      ['job_info', 'job', 'team,version'],
      ['instance_info', 'instance', 'dc'],
      ['memory_size_bytes', 'job,instance', ''],
      ['job_info', 'job', 'instance'],
    ] as const);
    const many = this.#operand(depth - 1);
    return dice.chance(0.6)
      ? `${many} ${operator} on(${on}) group_left(${include}) ${info}`
      : `${info} ${operator} on(${on}) group_right(${include}) ${many}`;
  }

  /** Both sides aggregated to the same labels. */
  #grouped(operator: string, depth: number): string {
    const by = `by (${this.#labels(2)})`;
    const side = (): string => `${this.#dice.word('sum avg max count')} ${by} (${this.vector(depth - 1)})`;
    return `${side()} ${operator} ${side()}`;
  }

  #matching(): string {
    return this.#dice.weighted([
      [2, () => ''],
      [2, () => `on(${this.#labels(3)}) `],
      [1, () => `ignoring(${this.#labels(3)}) `],
    ]);
  }

  /** Most in parentheses; the others are grouped by the precedence of operators. */
  #operand(depth: number): string {
    const inner = this.vector(depth);
    return depth <= 0 || this.#dice.chance(0.2) ? inner : `(${inner})`;
  }

  /** The same in other words: line breaks, comments, capitals, quotes. Remarks and errors name lines and columns then. */
  #rewritten(text: string): string {
    const dice = this.#dice;
    const separator = (): string => dice.pick([' ', ' ', '\n', '\t', '  ', ' # a comment (\n']);
    return text
      .replaceAll(' ', separator)
      .replaceAll(/\b(sum|by|without|and|or|unless|offset|bool|on|ignoring|topk|avg)\b(?=[\s(])/g, (word) =>
        dice.chance(0.3) ? word.toUpperCase() : word,
      )
      .replaceAll(/\b(job|instance)(?==)/g, (label) => (dice.chance(0.2) ? `"${label}"` : label))
      .replaceAll(/(?<=")\}/g, () => (dice.chance(0.3) ? ',}' : '}'));
  }

  /** Some characters cut out: mostly an error, and its words count. */
  #broken(text: string): string {
    const at = this.#dice.integer(0, text.length - 1);
    return text.slice(0, at) + text.slice(at + this.#dice.integer(1, 4));
  }
}
