import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

interface PageHeadProps {
  readonly title: string;
  readonly crumb?: ComponentChildren;
  readonly tools?: ComponentChildren;
}

/** The page's heading; also names the document and is where a skip link or a navigation lands. */
export function PageHead({ title, crumb, tools }: PageHeadProps) {
  useEffect(() => {
    document.title = `${title} · Plimsoll`;
  }, [title]);
  return (
    <div class="page-head">
      {crumb ? <div class="crumb">{crumb}</div> : null}
      <h1>{title}</h1>
      {tools ? <div class="tools">{tools}</div> : null}
    </div>
  );
}
