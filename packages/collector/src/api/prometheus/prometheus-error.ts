/** The error types of Prometheus' API and the status each has. */
const STATUS = {
  bad_data: 400,
  execution: 422,
  timeout: 503,
  canceled: 499,
  internal: 500,
  forbidden: 403,
  not_found: 404,
  unavailable: 503,
  not_acceptable: 406,
} as const;

export type PrometheusErrorType = keyof typeof STATUS;

/** A failure that a route under /api/v1 answers in Prometheus' form. */
export class PrometheusError extends Error {
  override readonly name = 'PrometheusError';
  readonly errorType: PrometheusErrorType;

  constructor(errorType: PrometheusErrorType, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.errorType = errorType;
  }

  get status(): number {
    return STATUS[this.errorType];
  }

  /** In Prometheus' words for a parameter that does not read. */
  static invalidParameter(name: string, message: string): PrometheusError {
    return new PrometheusError('bad_data', `invalid parameter "${name}": ${message}`);
  }
}
