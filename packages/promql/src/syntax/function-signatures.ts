import type { ValueType } from './ast.ts';

export interface FunctionSignature {
  readonly args: readonly ValueType[];
  /** How many further arguments of the last type are optional; -1 for any number. */
  readonly variadic: number;
  readonly returns: ValueType;
  /** Only usable where experimental functions are switched on. */
  readonly experimental: boolean;
}

const TYPES: Readonly<Record<string, ValueType>> = { v: 'vector', m: 'matrix', s: 'scalar', t: 'string' };

/** `name: args[ variadic]`, one letter an argument: vector, matrix, scalar, text. */
const VECTOR_FUNCTIONS = `
abs:v absent:v absent_over_time:m acos:v acosh:v asin:v asinh:v atan:v atanh:v avg_over_time:m ceil:v changes:m
clamp:vss clamp_max:vs clamp_min:vs cos:v cosh:v count_over_time:m days_in_month:v:1 day_of_month:v:1 day_of_week:v:1
day_of_year:v:1 deg:v delta:m deriv:m exp:v first_over_time:m floor:v histogram_avg:v histogram_count:v histogram_sum:v
histogram_stddev:v histogram_stdvar:v histogram_fraction:ssv histogram_quantile:sv hour:v:1 idelta:m increase:m irate:m
label_replace:vtttt label_join:vttt:-1 last_over_time:m ln:v log10:v log2:v max_over_time:m min_over_time:m minute:v:1
month:v:1 predict_linear:ms present_over_time:m quantile_over_time:sm rad:v rate:m resets:m round:vs:1 sgn:v sin:v sinh:v
sort:v sort_desc:v sqrt:v stddev_over_time:m stdvar_over_time:m sum_over_time:m tan:v tanh:v timestamp:v vector:s year:v:1`;

const EXPERIMENTAL_VECTOR_FUNCTIONS = `
histogram_quantiles:vtss:9 double_exponential_smoothing:mss info:vv:1 integral:ms:1 mad_over_time:m
ts_of_first_over_time:m ts_of_max_over_time:m ts_of_min_over_time:m ts_of_last_over_time:m sort_by_label:vt:-1
sort_by_label_desc:vt:-1 start_timestamp:v`;

const SCALAR_FUNCTIONS = 'pi: scalar:v time:';
const EXPERIMENTAL_SCALAR_FUNCTIONS = 'start: end: step: range: max_of:ss min_of:ss';

function* signatures(
  table: string,
  returns: ValueType,
  experimental: boolean,
): Generator<[name: string, signature: FunctionSignature]> {
  for (const entry of table.trim().split(/\s+/)) {
    const [name = '', letters = '', variadic = '0'] = entry.split(':');
    const args = Array.from(letters, (letter) => TYPES[letter] ?? 'vector');
    yield [name, { args, variadic: Number(variadic), returns, experimental }];
  }
}

/** Every function of PromQL with its types. */
export const FUNCTION_SIGNATURES: ReadonlyMap<string, FunctionSignature> = new Map([
  ...signatures(VECTOR_FUNCTIONS, 'vector', false),
  ...signatures(EXPERIMENTAL_VECTOR_FUNCTIONS, 'vector', true),
  ...signatures(SCALAR_FUNCTIONS, 'scalar', false),
  ...signatures(EXPERIMENTAL_SCALAR_FUNCTIONS, 'scalar', true),
]);
