import type { PriorityMatrix } from '../../catalogue/catalogue.ts';
import type { Level } from '../json/common.ts';
import type { HoldReason } from '../json/incident.ts';
import type { OpenedPayload } from './event.ts';
import type { Condition } from './state.ts';

/**
 * What may be asked of one incident. A command brings all that the decision needs beside the incident's state, so that
 * a decision can be replayed.
 */
export type IncidentAsk =
  | { readonly type: 'open'; readonly incident: OpenedPayload }
  | { readonly type: 'acknowledge'; readonly note: string | null; readonly by: string | null }
  | { readonly type: 'assign'; readonly assignee: string }
  | { readonly type: 'note'; readonly text: string }
  | {
      readonly type: 'hold';
      readonly reason: HoldReason;
      readonly note: string;
      readonly by: string | null;
    }
  | { readonly type: 'resume' }
  | { readonly type: 'resolve'; readonly note: string | null; readonly by: string | null }
  | { readonly type: 'breach'; readonly breach: Breach; readonly matrix: PriorityMatrix }
  | {
      readonly type: 'recover';
      readonly key: string;
      readonly recoveredAtMs: number;
      readonly evaluatedAtMs: number;
      readonly uncertaintyMs: number;
    }
  | { readonly type: 'reopen'; readonly note: string | null; readonly breach: Breach | null }
  | { readonly type: 'close'; readonly note: string | null }
  | { readonly type: 'cancel'; readonly note: string }
  | {
      readonly type: 'reprioritise';
      readonly impact: Level;
      readonly urgency: Level;
      readonly note: string;
      readonly matrix: PriorityMatrix;
    }
  | { readonly type: 'link_problem'; readonly problem: string; readonly number: number }
  | { readonly type: 'reclassify'; readonly fromMs: number; readonly toMs: number }
  /** Time passed. */
  | { readonly type: 'advance'; readonly closeAfterMs: number };

/** A breach of an incident that exists. */
export interface Breach {
  readonly key: string;
  readonly condition: Condition;
  readonly value: number | null;
}
