/** Where a text written by people leads: an http(s) URL or an absolute path; null for a mere name or anything else. */
export function linkOf(text: string | null): string | null {
  const trimmed = text?.trim() ?? '';
  // Two slashes in front name another server, which nobody means who writes a path.
  if (/^\/(?![/\\])/.test(trimmed)) return trimmed;
  return /^https?:\/\//i.test(trimmed) && URL.canParse(trimmed) ? trimmed : null;
}
