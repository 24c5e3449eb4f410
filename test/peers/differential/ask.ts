/** An instant query at `start`, or a range query where there is a step. Seconds. */
export interface Query {
  readonly expression: string;
  readonly start: number;
  readonly end: number;
  readonly step: number;
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

/** Asks a server at base URL `url`. */
export async function ask(url: string, { expression, start, end, step }: Query): Promise<Answer> {
  const times = step > 0 ? { start, end, step } : { time: start };
  const form = new URLSearchParams({ query: expression });
  for (const [name, value] of Object.entries(times)) form.set(name, String(value));
  const response = await fetch(`${url}/api/v1/${step > 0 ? 'query_range' : 'query'}`, {
    method: 'POST',
    body: form,
  });
  const text = await response.text();
  try {
    return { httpStatus: response.status, ...(JSON.parse(text) as Omit<Answer, 'httpStatus'>) };
  } catch (error) {
    throw new Error(`${url} answered ${response.status} to ${expression}: ${text.slice(0, 500)}`, {
      cause: error,
    });
  }
}
