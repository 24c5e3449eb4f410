import { deferred, undo } from '../lib/deferred.ts';
import { dismiss, notices } from '../lib/notices.ts';

/** What waits to be undone, and what was done or failed. The region exists from the start, so that it is announced. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite" aria-label="Messages">
      {deferred.value.map((action) => (
        <div class="toast" key={action.key}>
          <span>
            {action.label} <span class="soft small">(sent in 5 s)</span>
          </span>
          <button type="button" class="button quiet" onClick={() => undo(action.key)}>
            Undo <kbd>u</kbd>
          </button>
          <span class="draining" aria-hidden="true" />
        </div>
      ))}
      {notices.value.map((notice) => (
        <div class={`toast ${notice.kind}`} key={notice.id}>
          <span>{notice.text}</span>
          <button type="button" class="button quiet" onClick={() => dismiss(notice.id)}>
            Dismiss
          </button>
        </div>
      ))}
    </div>
  );
}
