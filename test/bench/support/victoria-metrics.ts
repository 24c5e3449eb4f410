import { waitFor } from '../../support/wait-for.ts';
import { type Measured, peerProgram, peers, startPeer } from './start-peer.ts';

/** Starts an empty VictoriaMetrics; null, said on the console, where there is none. */
export async function startVictoriaMetrics(): Promise<
  (Measured & { readonly dataPath: string } & AsyncDisposable) | null
> {
  const peer = peers.find(({ name }) => name === 'VictoriaMetrics');
  if (peer === undefined) throw new Error('VictoriaMetrics is not among the peers');
  const found = await peerProgram(peer);
  if ('path' in found) return startPeer(peer, found.path);
  console.log(`  without ${peer.name}: ${found.missing}; ${peer.variable} may name the program`);
  return null;
}

/** Has it write out what it holds in memory and merge its parts, and waits until it has. */
export async function mergeVictoriaMetrics(url: string): Promise<void> {
  for (const step of ['force_flush', 'force_merge']) {
    const response = await fetch(`${url}/internal/${step}`);
    if (!response.ok) throw new Error(`${step}: ${response.status} ${await response.text()}`);
  }
  await waitFor(
    'VictoriaMetrics to have merged',
    async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      const running = [...metrics.matchAll(/^vm_active_(?:force_)?merges(?:\{[^}]*\})? (\d+)$/gm)];
      return running.length > 0 && running.every(([, count]) => count === '0');
    },
    60_000,
  );
}
