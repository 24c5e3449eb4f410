import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface PanelProps {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
  /** Without padding, for tables. */
  readonly flush?: boolean;
}

export function Panel({ title, aside, children, flush = false }: PanelProps) {
  const id = useId();
  return (
    <section class="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {aside ? <div class="aside">{aside}</div> : null}
      </header>
      {flush ? children : <div class="body">{children}</div>}
    </section>
  );
}
