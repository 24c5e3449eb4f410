import { METRICS } from './generate-series.ts';
import type { Random } from './random.ts';

const MATCHERS =
  'job="a"|job!="a"|job=~"a|b"|inst=~"1|2"|inst!~"1.*"|env=""|env!=""|env=~"x?"|inst=~"[12]"'.split(
    /\|(?=\w+[=!])/,
  );
const DURATIONS = ['30s', '45s', '1m', '2m', '90s', '5m', '7m', '61s', '10m', '1m+30s', 'step()+1m'];
const OVER_TIME = (
  'rate increase delta irate idelta avg_over_time min_over_time max_over_time sum_over_time count_over_time ' +
  'last_over_time first_over_time stddev_over_time stdvar_over_time present_over_time changes resets deriv ' +
  'mad_over_time ts_of_max_over_time ts_of_min_over_time ts_of_last_over_time ts_of_first_over_time integral ' +
  'absent_over_time'
).split(' ');
const OF_VECTOR = (
  'abs ceil floor exp ln log2 log10 sqrt sgn cos atan tanh deg hour minute day_of_week month year days_in_month ' +
  'timestamp round absent histogram_count histogram_sum histogram_avg histogram_stddev'
).split(' ');
const GROUPINGS = [
  '',
  ' by (job) ',
  ' by (inst) ',
  ' without (job) ',
  ' by (job, env) ',
  ' by (le) ',
  ' without () ',
];
const MATCHINGS = [
  '',
  ' on (job, inst)',
  ' on (job, inst) group_left ()',
  ' on (job) group_right ()',
  ' ignoring (env) group_left (env)',
  ' on (job, inst) fill (0)',
  ' ignoring (le)',
];

/** Makes up queries of every kind; `depth` bounds how deep they nest. */
export class QueryGenerator {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  vector(depth: number): string {
    if (depth <= 0) return this.#selector() + this.#modifiers();
    const kinds = [
      () => this.#selector() + this.#modifiers(),
      () => this.#overTime(depth),
      () => this.#overTime(depth),
      () => this.#aggregation(depth),
      () => `${this.#random.pick(OF_VECTOR)}(${this.vector(depth - 1)})`,
      () => this.#other(depth),
      () => this.#withScalar(depth),
      () => this.#withVector(depth),
      () =>
        `(${this.vector(depth - 1)}) ${this.#random.pick(['and', 'or', 'unless'])} (${this.vector(depth - 1)})`,
    ];
    return this.#random.pick(kinds)();
  }

  #selector(): string {
    const matcher = this.#random.chance(0.3) ? `{${this.#random.pick(MATCHERS)}}` : '';
    return this.#random.pick(METRICS) + matcher;
  }

  #modifiers(): string {
    const offset = this.#random.chance(0.12)
      ? ` offset ${this.#random.pick(['1m', '-1m', '30s', '3m', 'step()'])}`
      : '';
    return (
      offset +
      (this.#random.chance(0.08) ? ` @ ${this.#random.pick(['300', 'start()', 'end()', '650.5'])}` : '')
    );
  }

  #range(depth: number): string {
    const duration = this.#random.pick(DURATIONS);
    if (this.#random.chance(0.2)) {
      return `(${this.vector(depth - 1)})[${duration}:${this.#random.pick(['', '30s', '45s'])}]${this.#modifiers()}`;
    }
    return `${this.#selector()}[${duration}]${this.#modifiers()}`;
  }

  #overTime(depth: number): string {
    const range = this.#range(depth);
    const special = [
      `quantile_over_time(${this.#random.pick(['0.5', '0.9', '1.2'])}, ${range})`,
      `predict_linear(${range}, 3600)`,
      `double_exponential_smoothing(${range}, 0.5, 0.3)`,
      `rate(${this.#selector()}[${this.#random.pick(DURATIONS)}] ${this.#random.pick(['anchored', 'smoothed'])})`,
    ];
    return this.#random.chance(0.2)
      ? this.#random.pick(special)
      : `${this.#random.pick(OVER_TIME)}(${range})`;
  }

  #aggregation(depth: number): string {
    // Which of equal values topk and limitk take is not defined, so they are left out.
    const operators = ['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar', 'quantile'];
    const operator = this.#random.pick(operators);
    const parameter = operator === 'quantile' ? `${this.#random.pick(['0.5', '0.33', '1', '-1'])}, ` : '';
    return `${operator}${this.#random.pick(GROUPINGS)}(${parameter}${this.vector(depth - 1)})`;
  }

  #other(depth: number): string {
    const inner = this.vector(depth - 1);
    return this.#random.pick([
      `clamp(${inner}, -5, 50)`,
      `label_replace(${inner}, "dst", "$1-x", "job", "(.*)")`,
      `label_join(${inner}, "dst", "-", "job", "inst")`,
      `histogram_quantile(0.9, sum by (le, job) (rate(lat_bucket[5m])))`,
      `histogram_quantile(0.5, ${inner})`,
      `histogram_fraction(0, 2, ${inner})`,
      `limit_ratio(0.4, ${inner})`,
      `-(${inner})`,
      `(${inner} </ 2)`,
    ]);
  }

  #withScalar(depth: number): string {
    const operator = this.#random.pick([
      '+',
      '-',
      '*',
      '/',
      '%',
      '^',
      '>',
      '<',
      '==',
      '!= bool',
      '>= bool',
      'atan2',
    ]);
    const scalar = this.#random.pick([
      '1',
      '0.5',
      '-1',
      '0',
      '3',
      'NaN',
      'time()',
      'pi()',
      `scalar(${this.#selector()})`,
    ]);
    const vector = `(${this.vector(depth - 1)})`;
    return this.#random.chance(0.5) ? `${vector} ${operator} ${scalar}` : `${scalar} ${operator} ${vector}`;
  }

  #withVector(depth: number): string {
    const operator = this.#random.pick(['+', '-', '*', '/', '>', '<', '== bool', '!=', 'atan2']);
    const matching = this.#random.pick(MATCHINGS);
    return `(${this.vector(depth - 1)}) ${operator}${matching} (${this.vector(depth - 1)})`;
  }
}
