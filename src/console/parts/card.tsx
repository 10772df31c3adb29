import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface CardProps {
  title: ComponentChildren;
  /** Beside the title: a count, a link, a filter. */
  aside?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
}

/** One part of a page, a landmark under its own heading. */
export function Card({ title, aside, children, class: more = "" }: CardProps) {
  const id = useId();
  return (
    <section class={`card ${more}`} aria-labelledby={id}>
      <header class="card-head">
        <h2 id={id}>{title}</h2>
        {aside !== undefined && <div class="card-aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}
