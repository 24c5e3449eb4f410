import { useLocation } from 'preact-iso';
import { apiBase } from '../api/client.ts';
import type { Rule, RuleAnswer, RuleGroup } from '../api/prometheus.ts';
import type { Incident, Page } from '../api/types.ts';
import { useApi } from '../api/use-api.ts';
import { Badge } from '../components/badge.tsx';
import { Icon } from '../components/icon.tsx';
import { Instant } from '../components/instant.tsx';
import { LabelList } from '../components/labels.tsx';
import { Empty, Loaded } from '../components/loaded.tsx';
import { PageHead } from '../components/page-head.tsx';
import { Panel } from '../components/panel.tsx';
import { openIncidentsPath } from '../components/rail.tsx';
import { SearchField } from '../components/search-field.tsx';
import { formatDuration } from '../lib/duration.ts';
import { counted, readableTemplate } from '../lib/format.ts';
import { incidentsOfRule, reference, resolvedWhileFiring } from '../lib/incidents.ts';
import { paths } from '../lib/paths.ts';
import { instantOf } from '../lib/time.ts';
import type { Look } from '../lib/tones.ts';
import { matchesSearch } from '../lib/url-state.ts';

const refreshMs = 15_000;
/** A rule may fire although its incident was resolved by hand. */
const resolvedPath = `${apiBase}/incidents?state=resolved&limit=200`;

export function RulesPage() {
  const search = useLocation().query['q'] ?? '';
  const state = useApi<RuleAnswer>('/api/v1/rules', { topics: ['incident', 'status'], everyMs: refreshMs });
  const open = useApi<Page<Incident>>(openIncidentsPath, { topics: ['incident'] }).data?.items ?? [];
  const resolved = useApi<Page<Incident>>(resolvedPath, { topics: ['incident'] }).data?.items ?? [];
  const incidents = [...open, ...resolved.filter(resolvedWhileFiring)];
  return (
    <>
      <PageHead title="Rules" tools={<SearchField label="Filter rules" />} />
      <Loaded state={state} what="the rules">
        {(answer) => <Groups groups={answer.data.groups} incidents={incidents} search={search} />}
      </Loaded>
    </>
  );
}

interface GroupsProps {
  readonly groups: readonly RuleGroup[];
  /** Those whose condition holds. */
  readonly incidents: readonly Incident[];
  readonly search: string;
}

function Groups({ groups, incidents, search }: GroupsProps) {
  const shown = groups
    .map((group) => ({
      ...group,
      rules: group.rules.filter((rule) => matchesSearch(search, [rule.name, rule.query, group.name])),
    }))
    .filter((group) => group.rules.length > 0)
    .toSorted((left, right) => urgencyOf(right) - urgencyOf(left));
  if (shown.length === 0) {
    return (
      <Panel title="Rules" flush>
        <Empty title={search ? 'No rule matches' : 'No rules are loaded'}>
          <p>Rule files are those of Prometheus; rule_files in the configuration names them.</p>
        </Empty>
      </Panel>
    );
  }
  return (
    <div class="stack">
      {shown.map((group) => (
        <Panel
          key={`${group.file} ${group.name}`}
          title={group.name}
          aside={`every ${formatDuration(group.interval)} · ${counted(group.rules.length, 'rule')}`}
          flush
        >
          {group.rules.map((rule, index) => (
            <RuleLine
              key={`${rule.name} ${index}`}
              rule={rule}
              file={group.file}
              incidents={incidentsOfRule(incidents, group, rule.name)}
            />
          ))}
        </Panel>
      ))}
    </div>
  );
}

/** Groups in which something happens come first; within them the file's order stays. */
function urgencyOf(group: RuleGroup): number {
  const urgencies = group.rules.map((rule) => {
    if (rule.health === 'err') return 3;
    return rule.state === 'firing' ? 2 : rule.state === 'pending' ? 1 : 0;
  });
  return Math.max(...urgencies);
}

function lookOfRule(rule: Rule): Look {
  if (rule.health === 'err') return { tone: 'red', icon: 'warn', word: 'Fails' };
  if (rule.type === 'recording') return { tone: 'grey', icon: 'rules', word: 'Records' };
  if (rule.state === 'firing') return { tone: 'red', icon: 'alarm', word: 'Firing' };
  if (rule.state === 'pending') return { tone: 'amber', icon: 'clock', word: 'Pending' };
  return { tone: 'green', icon: 'check', word: 'Quiet' };
}

interface RuleLineProps {
  readonly rule: Rule;
  readonly file: string;
  readonly incidents: readonly Incident[];
}

function RuleLine({ rule, file, incidents }: RuleLineProps) {
  return (
    <div class="rule">
      <details>
        <summary data-row-link>
          <span class="chevron">
            <Icon name="down" />
          </span>
          <Badge look={lookOfRule(rule)} />
          <strong>{rule.name}</strong>
          <span class="soft small">{readableTemplate(rule.annotations?.['summary'] ?? '')}</span>
        </summary>
        <div class="body">
          <pre class="expression">{rule.query}</pre>
          {rule.labels ? <LabelList labels={rule.labels} /> : null}
          {rule.lastError ? <p class="field-error">{rule.lastError}</p> : null}
          <p class="small soft">
            {rule.duration ? `Must hold for ${formatDuration(rule.duration)}. ` : ''}
            {rule.alerts && rule.alerts.length > 0 ? `${counted(rule.alerts.length, 'alert')} now. ` : ''}
            <Evaluated rule={rule} /> From {file}.
          </p>
        </div>
      </details>
      {incidents.length === 0 ? null : (
        <p class="row small">
          {incidents.map(({ id, number, title }) => (
            <a key={id} href={paths.incident(number)}>
              {reference(number)} {title}
            </a>
          ))}
        </p>
      )}
    </div>
  );
}

/** The API has no null here: a rule that was never evaluated bears the year 1. */
function Evaluated({ rule: { lastEvaluation, evaluationTime } }: { readonly rule: Rule }) {
  if ((instantOf(lastEvaluation) ?? 0) <= 0) return <>Not evaluated yet.</>;
  return (
    <>
      Last evaluated <Instant at={lastEvaluation} />
      {evaluationTime === undefined ? '' : ` in ${formatDuration(evaluationTime)}`}.
    </>
  );
}
