import { useRoute } from 'preact-iso';
import { apiBase } from '../api/client.ts';
import type { Incident, Resource } from '../api/types.ts';
import { useApi } from '../api/use-api.ts';
import { Badge } from '../components/badge.tsx';
import { ClockRow } from '../components/clock-row.tsx';
import { ContinuityFacts } from '../components/continuity-facts.tsx';
import { DaysAhead } from '../components/days-ahead.tsx';
import { IncidentActions } from '../components/incident-actions.tsx';
import { IncidentChart } from '../components/incident-chart.tsx';
import { IncidentStateBadge } from '../components/incident-table.tsx';
import { Instant } from '../components/instant.tsx';
import { LabelList } from '../components/labels.tsx';
import { Loaded } from '../components/loaded.tsx';
import { HeldBack } from '../components/held-back.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Panel } from '../components/panel.tsx';
import { Runbooks } from '../components/runbooks.tsx';
import { Timeline } from '../components/timeline.tsx';
import { now } from '../lib/clock.ts';
import { formatDuration } from '../lib/duration.ts';
import { isSilence } from '../lib/expression.ts';
import { formatNumber, words } from '../lib/format.ts';
import { hostNames, reference } from '../lib/incidents.ts';
import { paths } from '../lib/paths.ts';
import { instantOf } from '../lib/time.ts';
import { lookOf, priorityLooks } from '../lib/tones.ts';

export function IncidentPage() {
  const number = useRoute().params['number'] ?? '';
  const state = useApi<Incident>(`${apiBase}/incidents/${encodeURIComponent(number)}`, {
    topics: ['incident'],
  });
  const incident = state.data;
  return (
    <>
      <PageHead
        title={incident?.title ?? `Incident ${number}`}
        crumb={
          <>
            <a href={paths.incidents()}>Incidents</a> / {incident ? reference(incident.number) : number}
          </>
        }
      />
      <Loaded state={state} what="the incident">
        {(data) => <IncidentDetail key={data.id} incident={data} />}
      </Loaded>
    </>
  );
}

function IncidentDetail({ incident }: { readonly incident: Incident }) {
  return (
    <div
      data-subject
      data-incident={incident.id}
      data-number={String(incident.number)}
      data-state={incident.state}
    >
      <div class="incident-head">
        <div class="row">
          <Badge look={lookOf(priorityLooks, incident.priority)} />
          <IncidentStateBadge incident={incident} />
          {incident.major ? <Badge look={{ tone: 'red', icon: 'alarm', word: 'Major' }} /> : null}
          {incident.hold ? (
            <span class="meta">
              waiting for the {incident.hold.reason} since <Instant at={incident.hold.since} />:{' '}
              {incident.hold.note}
            </span>
          ) : null}
          {incident.unreachable ? (
            <Badge look={{ tone: 'grey', icon: 'unknown', word: 'Ran, but out of reach' }} />
          ) : null}
          {incident.outage ? <Badge look={{ tone: 'red', icon: 'silent', word: 'Outage' }} /> : null}
          <span class="meta">
            {words(incident.category)} · impact {incident.impact}, urgency {incident.urgency} ·{' '}
            {incident.assignee ? `${incident.assignee} has it` : 'nobody has it'}
          </span>
        </div>
        <HeldBack incident={incident} />
        <IncidentActions incident={incident} />
      </div>
      <div class="detail-grid">
        <div class="stack">
          <Panel title="What broke">
            <Breach incident={incident} />
          </Panel>
          <KnownErrors incident={incident} />
          <Panel title="Timeline">
            <Timeline items={incident.timeline} />
          </Panel>
        </div>
        <div class="stack">
          <Panel title="Service level" aside={<ExampleChip agreed={incident.agreed} />}>
            <ClockRow name="Response" clock={incident.sla?.response} />
            <ClockRow name="Resolution" clock={incident.sla?.resolution} />
          </Panel>
          <Panel title="Recovery objectives">
            <ContinuityFacts continuity={incident.continuity} />
          </Panel>
          <Panel title="Concerned">
            <Concerned incident={incident} />
          </Panel>
        </div>
      </div>
    </div>
  );
}

function ExampleChip({ agreed }: { readonly agreed: boolean }) {
  return agreed ? null : (
    <span class="chip" title="Nobody has agreed these targets; they show how the clocks work">
      example
    </span>
  );
}

function Breach({ incident }: { readonly incident: Incident }) {
  const onsetMs = instantOf(incident.onsetAt);
  const endMs = instantOf(incident.recoveredAt);
  const lasted = onsetMs === null ? null : ((endMs ?? now.value) - onsetMs) / 1000;
  return (
    <div class="stack">
      {incident.description ? <p>{incident.description}</p> : null}
      <p>
        Since <Instant at={incident.onsetAt} absolute />
        {lasted === null
          ? ''
          : endMs === null
            ? `, for ${formatDuration(lasted)} so far`
            : `, for ${formatDuration(lasted)}`}
        {endMs === null ? (
          '.'
        ) : (
          <>
            , until <Instant at={incident.recoveredAt} absolute />.
          </>
        )}
        {incident.occurrence > 1 ? ` This is occurrence ${incident.occurrence} of the same condition.` : ''}
      </p>
      {incident.expression ? (
        <>
          <Measured incident={incident} expression={incident.expression} />
          <pre class="expression" aria-label="Expression">
            {incident.expression}
          </pre>
          <IncidentChart incident={incident} />
        </>
      ) : (
        <p class="soft">Opened by hand; no rule stands behind it.</p>
      )}
      {incident.rule ? (
        <p class="small soft">
          Rule {incident.rule.name} in group {incident.rule.group} of{' '}
          <span title={incident.rule.file}>{incident.rule.file.split('/').at(-1)}</span>
        </p>
      ) : null}
    </div>
  );
}

interface MeasuredProps {
  readonly incident: Incident;
  readonly expression: string;
}

function Measured({ incident, expression }: MeasuredProps) {
  const { value, threshold } = incident;
  if (isSilence(expression)) {
    return (
      <p class="measured">
        <span class="big">Silent</span>
        <span class="soft">
          nothing was heard of {hostNames(incident).join(', ') || 'the host'} when it opened
        </span>
      </p>
    );
  }
  return (
    <p class="measured">
      <span class="big">{value === null ? 'unknown' : formatNumber(value)}</span>
      <span class="soft">
        {threshold === null
          ? 'when it opened'
          : `when it opened, against a threshold of ${formatNumber(threshold)}`}
      </span>
    </p>
  );
}

function Concerned({ incident }: { readonly incident: Incident }) {
  return (
    <dl class="facts">
      <dt>{incident.services.length > 1 ? 'Services' : 'Service'}</dt>
      <dd class="stack tight">
        {incident.services.map((service) => (
          <div key={service.name}>
            {service.displayName} <ExampleChip agreed={service.agreed} />
            <span class="under">
              Tier {service.tier} · {service.owner}
            </span>
          </div>
        ))}
      </dd>
      <dt>Resources</dt>
      <dd class="stack tight">
        {incident.resources.length === 0 ? 'none named' : null}
        {incident.resources.map((resource) => (
          <ResourceLine key={`${resource.kind} ${resource.name}`} resource={resource} />
        ))}
      </dd>
      <FullIn forecast={incident.forecast} />
      <dt>Problem</dt>
      <dd>{incident.problem ? <a href={paths.problem(incident.problem)}>Part of a problem</a> : 'none'}</dd>
      <dt>Runbooks</dt>
      <dd>
        <Runbooks runbooks={incident.runbooks} />
      </dd>
      <dt>Signature</dt>
      <dd class="mono small" title={incident.signature}>
        {incident.signature.slice(0, signatureShown)}
      </dd>
    </dl>
  );
}

/** Only what is expected to fill: of anything else there is nothing to say. */
function FullIn({ forecast }: Pick<Incident, 'forecast'>) {
  if (forecast === null || forecast.q50Days === null) return null;
  return (
    <>
      <dt>Full in</dt>
      <dd class="horizon">
        <DaysAhead forecast={forecast} q50Days={forecast.q50Days} />
      </dd>
    </>
  );
}

/** Enough of a hash to tell two conditions apart; the whole is in its title. */
const signatureShown = 12;

function ResourceLine({ resource }: { readonly resource: Resource }) {
  const instance = resource.labels['instance'];
  return (
    <div>
      {instance ? <a href={paths.host(instance)}>{resource.name}</a> : resource.name}{' '}
      <span class="soft small">{resource.kind}</span>
      <LabelList labels={resource.labels} without={['instance', 'job']} />
    </div>
  );
}

/** What earlier problems of the same kind have taught. */
function KnownErrors({ incident }: { readonly incident: Incident }) {
  if (incident.knownErrors.length === 0) return null;
  return (
    <Panel title="Known errors">
      <ul class="stack">
        {incident.knownErrors.map((known) => (
          <li key={known.problem}>
            <a href={paths.problem(known.number)}>{known.title}</a>
            <p>Cause: {known.rootCause ?? 'not known'}</p>
            <p>Workaround: {known.workaround ?? 'none recorded'}</p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
