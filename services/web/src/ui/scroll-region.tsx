/** A named region that scrolls by itself, and by keys too. */

import type { ComponentChildren, RefObject } from "preact";

interface ScrollRegionProps {
  name: string;
  class?: string;
  region?: RefObject<HTMLElement | null>;
  children: ComponentChildren;
}

export function ScrollRegion({ name, class: kind = "table-scroll", region, children }: ScrollRegionProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
    <section ref={region ?? null} class={kind} aria-label={name} tabIndex={0}>
      {children}
    </section>
  );
}
