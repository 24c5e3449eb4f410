import { signal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import { hotkeysOn, setHotkeys } from '../lib/hotkeys.ts';
import { zoneName } from '../lib/time.ts';

export const helpOpen = signal(false);

const keys: readonly (readonly [string, string])[] = [
  ['/', 'Search or filter this page'],
  ['j k', 'Next and previous row'],
  ['Enter', 'Open the row'],
  ['a', 'Acknowledge the row’s incident, or the one shown'],
  ['u', 'Undo, within 5 seconds'],
  ['?', 'This help'],
  ['Esc', 'Leave a field, close a dialog, clear a chart’s cursor'],
  ['Arrows', 'On a chart: move its cursor; Home and End go to the ends'],
];

export function HelpDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const open = helpOpen.value;
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} aria-labelledby={title} onClose={() => (helpOpen.value = false)}>
      <div class="help">
        <header>
          <h2 id={title}>Keyboard</h2>
          <button type="button" class="button quiet" onClick={() => (helpOpen.value = false)}>
            Close
          </button>
        </header>
        <dl class="facts">
          {keys.map(([key, what]) => (
            <>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </>
          ))}
        </dl>
        <label class="check">
          <input
            type="checkbox"
            checked={hotkeysOn.value}
            onChange={(event) => setHotkeys(event.currentTarget.checked)}
          />
          Single-key shortcuts are on
        </label>
        <p class="soft small">Times are shown in {zoneName()}; sizes in powers of 1024.</p>
      </div>
    </dialog>
  );
}
