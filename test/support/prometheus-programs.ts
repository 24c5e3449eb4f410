import { execFileSync } from 'node:child_process';
import { type Counterpart, debianProgram } from './debian.ts';
import { goProgram } from './go-module.ts';

/** A program of Prometheus in one version. */
export interface PrometheusProgram {
  readonly name: string;
  readonly program: Counterpart;
}

/** Debian's, which is years old, and the release ours follows. What the system brings on PATH stands for Debian's. */
export async function prometheusPrograms(name: 'prometheus' | 'promtool'): Promise<PrometheusProgram[]> {
  return [
    { name: `${name} of Debian`, program: await debianProgram('prometheus', name) },
    { name: `${name} 3.16`, program: await newestPrometheus(name) },
  ];
}

/** The release that shared/conformance/promql comes from. */
export async function newestPrometheus(name: 'prometheus' | 'promtool'): Promise<Counterpart> {
  return goProgram({
    module: 'github.com/prometheus/prometheus',
    version: 'v0.316.0',
    main: `cmd/${name}`,
    // Without it the build needs the libraries of every cloud.
    tags: 'remove_all_sd',
    inCi: true,
  });
}

/** Whether a program is from before version 3: it reads samples instead of chunks, and knows classic names only. */
export function isVersion2(program: string): boolean {
  return execFileSync(program, ['--version'], { encoding: 'utf8' }).includes('version 2.');
}
