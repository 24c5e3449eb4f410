import type { ComponentChildren } from 'preact';
import type { Status } from '../api/types.ts';
import { formatBytes, formatNumber, formatValue } from '../lib/format.ts';
import { troublesOf } from '../lib/troubles.ts';
import type { Look } from '../lib/tones.ts';
import { Badge } from './badge.tsx';
import { Instant } from './instant.tsx';

const well: Look = { tone: 'green', icon: 'check', word: 'Working' };

export function MonitorHealth({ status }: { readonly status: Status }) {
  const troubles = troublesOf(status);
  const { ingest, store, rules } = status;
  return (
    <div class="stack">
      <div class="row">
        <Badge look={troubles.length === 0 ? well : { tone: 'red', icon: 'warn', word: 'In trouble' }} />
        <span class="small soft">
          Plimsoll {status.version}, started <Instant at={status.startedAt} />
        </span>
      </div>
      {troubles.length > 0 ? (
        <ul class="lines">
          {troubles.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      ) : null}
      <dl class="facts small">
        <Fact name="Taking in">
          {formatValue(ingest.samplesPerSecond, 'count')} samples/s from {formatNumber(ingest.streams)}{' '}
          {ingest.streams === 1 ? 'agent' : 'agents'}
        </Fact>
        <Fact name="Behind by">{formatValue(ingest.lagSeconds, 'seconds')}</Fact>
        <Fact name="Dropped">{formatNumber(ingest.droppedTotal)} since the start</Fact>
        <Fact name="Series">{formatNumber(store.activeSeries)} active</Fact>
        <Fact name="On disk">{formatBytes(store.diskBytes)}</Fact>
        <Fact name="Rules">
          {formatNumber(rules.rules)} in {formatNumber(rules.groups)} groups, {formatNumber(rules.firing)}{' '}
          firing
        </Fact>
        <Fact name="Journal">{formatNumber(status.journal.events)} events</Fact>
      </dl>
    </div>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
