/** The Plimsoll mark: a circle crossed by the line to which a ship may be loaded. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" fill="none" aria-hidden="true" focusable="false">
      <circle cx="16" cy="16" r="9" stroke="#f4f7f8" stroke-width="2.8" />
      <path d="M1.5 16h29" stroke="#f2704e" stroke-width="3" />
    </svg>
  );
}
