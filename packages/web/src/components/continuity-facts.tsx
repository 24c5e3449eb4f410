import type { Continuity } from '../api/types.ts';
import { now } from '../lib/clock.ts';
import { formatCountdown, formatDuration } from '../lib/duration.ts';
import { formatInstant, instantOf } from '../lib/time.ts';
import type { Look } from '../lib/tones.ts';
import { Badge } from './badge.tsx';

const metLook: Look = { tone: 'green', icon: 'check', word: 'Met' };
const missedLook: Look = { tone: 'red', icon: 'alarm', word: 'Missed' };
const noBackupLook: Look = { tone: 'red', icon: 'alarm', word: 'Missed: no backup known' };

/** Recovery time and recovery point: what was agreed, and where it stands. */
export function ContinuityFacts({ continuity }: { readonly continuity: Continuity }) {
  if (continuity.rto === null && continuity.rpo === null) {
    return <p class="soft">No recovery objective applies: none is agreed, or the service is still usable.</p>;
  }
  return (
    <>
      <RecoveryTime {...continuity} />
      <RecoveryPoint {...continuity} />
    </>
  );
}

function RecoveryTime({ rto, rtoDueAt, achievedRecovery, rtoMet }: Continuity) {
  const dueMs = instantOf(rtoDueAt);
  const left = dueMs === null || achievedRecovery !== null ? null : (dueMs - now.value) / 1000;
  const notes = [
    rto === null
      ? 'No objective applies; one runs only while the service is unusable'
      : `Objective ${formatDuration(rto)}`,
    left !== null && dueMs !== null ? `due ${formatInstant(dueMs)}` : null,
    achievedRecovery === null ? null : `recovered in ${formatDuration(achievedRecovery)}`,
  ];
  return (
    <div class="clock">
      <div class="top">
        <h3>Recovery time (RTO)</h3>
        <Objective met={rtoMet} />
      </div>
      {left === null ? null : (
        <p class={left < 0 ? 'left late' : 'left'}>
          {formatCountdown(Math.abs(left))} <span class="small soft">{left < 0 ? 'over' : 'left'}</span>
        </p>
      )}
      <p class="small soft">{notes.filter((note) => note !== null).join(', ')}</p>
    </div>
  );
}

function RecoveryPoint({ rpo, backupAgeAtOnset, rpoMet }: Continuity) {
  const backup =
    backupAgeAtOnset === null
      ? 'no backup from before the onset is known'
      : `the last backup was ${formatDuration(backupAgeAtOnset)} old at the onset`;
  return (
    <div class="clock">
      <div class="top">
        <h3>Recovery point (RPO)</h3>
        <Objective met={rpoMet} missed={backupAgeAtOnset === null ? noBackupLook : missedLook} />
      </div>
      <p class="small soft">
        {rpo === null ? 'No objective agreed' : `Objective ${formatDuration(rpo)}, ${backup}`}
      </p>
    </div>
  );
}

function Objective({ met, missed = missedLook }: { readonly met: boolean | null; readonly missed?: Look }) {
  return met === null ? null : <Badge look={met ? metLook : missed} />;
}
