import { PrometheusError } from './prometheus-error.ts';

/** Runs a parse; its failure is one of the parameter, in Prometheus' words. */
export function asParameter<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw PrometheusError.invalidParameter(name, error instanceof Error ? error.message : String(error));
  }
}

/** Runs a parse; its failure is told as it is. */
export function asBadData<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new PrometheusError('bad_data', error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}
