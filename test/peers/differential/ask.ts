/** An instant query at `start`, or a range query where there is a step. Seconds. */
export interface Query {
  readonly expression: string;
  readonly start: number;
  readonly end: number;
  readonly step: number;
  /** How far back a selector looks, where not as far as by default. */
  readonly lookback?: string;
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [time: number, value: string];
  readonly values?: readonly (readonly [time: number, value: string])[];
}

/** Prometheus' answer to a query with its HTTP status. */
export interface Answer {
  readonly httpStatus: number;
  readonly status: string;
  readonly data?: {
    readonly resultType: string;
    /** Series, or time and value of a scalar or text. */
    readonly result: readonly Series[] | readonly [time: number, value: string];
  };
  readonly errorType?: string;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

/** Asks the server at base URL `url`. */
export async function ask(url: string, { expression, start, end, step, lookback }: Query): Promise<Answer> {
  const times = step > 0 ? { start, end, step } : { time: start };
  const form = new URLSearchParams({ query: expression });
  for (const [name, value] of Object.entries(times)) form.set(name, String(value));
  if (lookback !== undefined) form.set('lookback_delta', lookback);
  return post<Answer>(url, step > 0 ? 'query_range' : 'query', form);
}

/** The JSON a form is answered with, and the HTTP status. */
async function post<T extends object>(
  url: string,
  endpoint: string,
  form: URLSearchParams,
): Promise<Answered<T>> {
  return read<T>(await fetch(`${url}/api/v1/${endpoint}`, { method: 'POST', body: form }), form);
}

/** The same with the form in the URL. */
export async function get(url: string, endpoint: string, form: URLSearchParams): Promise<Answered<object>> {
  return read<object>(await fetch(`${url}/api/v1/${endpoint}?${form.toString()}`), form);
}

type Answered<T> = T & { readonly httpStatus: number };

async function read<T extends object>(response: Response, form: URLSearchParams): Promise<Answered<T>> {
  const text = await response.text();
  try {
    return { httpStatus: response.status, ...(JSON.parse(text) as T) };
  } catch (error) {
    const what = `${response.status} to ${form.toString()}: ${text.slice(0, 500)}`;
    throw new Error(`${response.url} answered ${what}`, { cause: error });
  }
}
