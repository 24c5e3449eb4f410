/** A refusal in Alertmanager's form: a JSON string from its own checks, an object from those of its API's description. */
export class AlertmanagerError extends Error {
  override readonly name = 'AlertmanagerError';
  readonly status: 400 | 404 | 413 | 415 | 422;
  readonly body: unknown;

  private constructor(status: AlertmanagerError['status'], body: unknown, message: string) {
    super(message);
    this.status = status;
    this.body = body;
  }

  /** What Alertmanager itself refuses. */
  static refused(status: 400 | 404, message: string): AlertmanagerError {
    return new AlertmanagerError(status, message, message);
  }

  /** What does not fit the API's description. */
  static malformed(
    status: AlertmanagerError['status'],
    message: string,
    code: number = status,
  ): AlertmanagerError {
    return new AlertmanagerError(status, { code, message }, message);
  }
}
