/** One series as it stands in a file. */
export interface Series {
  readonly id: string | number;
  /** Time of the first value, seconds since the Unix epoch. */
  readonly start: number;
  readonly stepSeconds: number;
  /** NaN is a gap. */
  readonly values: Float64Array;
  readonly capacity: number | null;
}

/** A line that is no series; its message says which part and what belongs there. */
export class SeriesError extends Error {
  override readonly name = 'SeriesError';
}

/** Reads one line of NDJSON: `{"id", "start", "step", "values": [..]}` and optional `"capacity"`. */
export function parseJsonSeries(line: string): Series {
  const { id, start, step, values, capacity }: Record<string, unknown> = parseObject(line);
  if (typeof id !== 'string' && typeof id !== 'number')
    throw new SeriesError('"id" is missing: a text or a number is needed');
  if (!Array.isArray(values)) throw new SeriesError('"values" is missing: a list of numbers is needed');
  return makeSeries({
    id,
    start,
    step,
    capacity: capacity ?? null,
    values: readValues(values),
  });
}

function parseObject(line: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    throw new SeriesError(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new SeriesError('a JSON object is needed, one a line');
  return { ...parsed };
}

function readValues(list: readonly unknown[]): Float64Array {
  const values = new Float64Array(list.length);
  for (let i = 0; i < values.length; i++) {
    const value = list[i];
    if (typeof value === 'number' && Number.isFinite(value)) values[i] = value;
    else if (value === null) values[i] = Number.NaN;
    else
      throw new SeriesError(
        `values[${i}] is ${JSON.stringify(value)}: a number is needed, or null for a gap`,
      );
  }
  return values;
}

interface Parts {
  readonly id: string | number;
  readonly start: unknown;
  readonly step: unknown;
  readonly capacity: unknown;
  readonly values: Float64Array;
}

/** Checks what JSON and CSV have in common. */
export function makeSeries({ id, start, step, capacity, values }: Parts): Series {
  if (typeof start !== 'number' || !Number.isFinite(start))
    throw new SeriesError('"start" is missing: seconds since 1970 are needed');
  if (typeof step !== 'number' || !(step > 0) || !Number.isFinite(step))
    throw new SeriesError('"step" is missing: a positive number of seconds is needed');
  if (capacity !== null && (typeof capacity !== 'number' || !(capacity > 0) || !Number.isFinite(capacity)))
    throw new SeriesError('"capacity" is no positive number');
  if (values.every((value) => Number.isNaN(value))) throw new SeriesError('"values" holds no number');
  return { id, start, stepSeconds: step, values, capacity };
}
