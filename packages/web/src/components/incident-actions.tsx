import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { ApiError, apiBase, postJson } from '../api/client.ts';
import { announce } from '../api/live.ts';
import type { Incident, IncidentState } from '../api/types.ts';
import { acknowledgeKey, acknowledgeWithUndo } from '../lib/acknowledge.ts';
import { isDeferred, undo } from '../lib/deferred.ts';
import { reference } from '../lib/incidents.ts';
import { notify } from '../lib/notices.ts';
import { Icon } from './icon.tsx';

type Action = 'assign' | 'notes' | 'hold' | 'resolve' | 'reopen' | 'cancel';

interface ActionText {
  readonly button: string;
  readonly submit: string;
  readonly done: string;
}

const texts: Readonly<Record<Action, ActionText>> = {
  assign: { button: 'Assign', submit: 'Assign', done: 'assigned' },
  notes: { button: 'Add note', submit: 'Add note', done: 'has a new note' },
  hold: { button: 'Put on hold', submit: 'Put on hold', done: 'is on hold' },
  resolve: { button: 'Resolve', submit: 'Resolve', done: 'resolved' },
  reopen: { button: 'Reopen', submit: 'Reopen', done: 'is open again' },
  cancel: { button: 'Cancel incident', submit: 'Cancel incident', done: 'canceled' },
};

/** What can be done in each state; the collector decides in the end and its answer is shown. */
const always: readonly Action[] = ['assign', 'notes', 'hold', 'resolve', 'cancel'];
const possible: Readonly<Record<IncidentState, readonly Action[]>> = {
  new: always,
  acknowledged: always,
  in_progress: always,
  on_hold: ['assign', 'notes', 'resolve', 'cancel'],
  resolved: ['reopen', 'notes'],
  closed: [],
  canceled: [],
};

export function IncidentActions({ incident }: { readonly incident: Incident }) {
  const [open, setOpen] = useState<Action | null>(null);
  const formId = useId();
  const waiting = isDeferred(acknowledgeKey(incident.id));
  const actions = possible[incident.state] ?? [];
  const close = () => setOpen(null);
  return (
    <div>
      <div class="row" role="group" aria-label="Actions">
        {incident.state === 'new' ? (
          waiting ? (
            <button type="button" class="button" onClick={() => undo(acknowledgeKey(incident.id))}>
              Undo acknowledge <kbd>u</kbd>
            </button>
          ) : (
            <button type="button" class="button primary" onClick={() => acknowledgeWithUndo(incident)}>
              Acknowledge <kbd>a</kbd>
            </button>
          )
        ) : null}
        {incident.state === 'on_hold' ? <ResumeButton incident={incident} /> : null}
        {actions.map((action) => (
          <button
            key={action}
            type="button"
            class="button"
            aria-expanded={open === action}
            aria-controls={open === action ? formId : undefined}
            onClick={() => setOpen(open === action ? null : action)}
          >
            {texts[action].button}
          </button>
        ))}
        {actions.length === 0 ? (
          <span class="soft">This incident is {incident.state}; nothing can be changed.</span>
        ) : null}
      </div>
      {open !== null ? (
        <ActionForm
          key={open}
          id={formId}
          action={open}
          incident={incident}
          onDone={close}
          onCancel={close}
        />
      ) : null}
    </div>
  );
}

async function send(incident: Incident, action: string, body: object, done: string): Promise<string | null> {
  try {
    await postJson<Incident>(`${apiBase}/incidents/${encodeURIComponent(incident.id)}/${action}`, body);
    notify('done', `${reference(incident.number)} ${done}`);
    announce('incident', incident.id);
    return null;
  } catch (cause) {
    return cause instanceof ApiError ? cause.message : String(cause);
  }
}

function ResumeButton({ incident }: { readonly incident: Incident }) {
  const resume = async () => {
    const error = await send(incident, 'resume', {}, 'is worked on again');
    if (error) notify('failed', `${reference(incident.number)} is still on hold. ${error}`);
  };
  return (
    <button type="button" class="button primary" onClick={() => void resume()}>
      Resume
    </button>
  );
}

interface ActionFormProps {
  readonly id: string;
  readonly action: Action;
  readonly incident: Incident;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}

function ActionForm({ id, action, incident, onDone, onCancel }: ActionFormProps) {
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const written = useRef(false);
  const errorId = useId();
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('input, select, textarea')?.focus();
  }, []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!form.current || busy) return;
    setBusy(true);
    const failure = await send(
      incident,
      action,
      // An empty note is no note.
      Object.fromEntries([...new FormData(form.current)].filter(([, value]) => value !== '')),
      texts[action].done,
    );
    setBusy(false);
    setError(failure);
    if (failure === null) onDone();
    else form.current?.querySelector<HTMLElement>('input, select, textarea')?.focus();
  };
  return (
    <form
      id={id}
      class="action-form"
      ref={form}
      aria-label={texts[action].button}
      onSubmit={(event) => void submit(event)}
      onInput={(event) => {
        if (event.target instanceof HTMLTextAreaElement) written.current = event.target.value.trim() !== '';
      }}
      onKeyDown={(event) => {
        // What somebody wrote is not thrown away by one key.
        if (event.key === 'Escape' && !written.current) onCancel();
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
      }}
    >
      <ActionFields action={action} incident={incident} errorId={error === null ? undefined : errorId} />
      {error === null ? null : (
        <p class="field-error" id={errorId} role="alert">
          <Icon name="warn" /> {error}
        </p>
      )}
      <div class="row">
        <button type="submit" class="button primary" aria-disabled={busy}>
          {busy ? 'Sending …' : texts[action].submit}
        </button>
        <button type="button" class="button" onClick={onCancel}>
          Discard
        </button>
        {action === 'assign' ? null : <span class="small soft">Ctrl+Enter sends.</span>}
      </div>
    </form>
  );
}

interface ActionFieldsProps {
  readonly action: Action;
  readonly incident: Incident;
  readonly errorId: string | undefined;
}

function ActionFields({ action, incident, errorId }: ActionFieldsProps) {
  const described = { 'aria-describedby': errorId, 'aria-invalid': errorId !== undefined };
  if (action === 'assign') {
    return (
      <Field label="Who takes it">
        {(id) => <input id={id} name="assignee" required value={incident.assignee ?? ''} {...described} />}
      </Field>
    );
  }
  if (action === 'notes') {
    return <Field label="Note">{(id) => <textarea id={id} name="text" required {...described} />}</Field>;
  }
  const mayBeEmpty = action === 'resolve' && !incident.firing;
  return (
    <>
      {action === 'hold' ? (
        <Field label="Waiting for">
          {(id) => (
            <select id={id} name="reason" required {...described}>
              <option value="caller">The caller’s answer</option>
              <option value="change">A change</option>
              <option value="problem">A problem’s fix</option>
              <option value="vendor">A vendor</option>
            </select>
          )}
        </Field>
      ) : null}
      <Field label={noteLabel(action, incident)}>
        {(id) => <textarea id={id} name="note" required={!mayBeEmpty} {...described} />}
      </Field>
    </>
  );
}

function noteLabel(action: Action, incident: Incident): string {
  if (action === 'hold') return 'Why';
  if (action === 'reopen') return 'Why it is open again';
  if (action === 'cancel') return 'Why it is no incident';
  return incident.firing ? 'Why, as the condition still holds' : 'What was done';
}

function Field(props: { readonly label: string; readonly children: (id: string) => ComponentChildren }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children(id)}
    </div>
  );
}
