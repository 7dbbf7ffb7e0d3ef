/** The text, and beside it what is known of it; where there is no room beside, folded above it. */

import type { ComponentChildren, RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

const BESIDE_FROM_PX = 850;

interface ColumnsProps {
  text: ComponentChildren;
  beside: () => ComponentChildren;
  /** What is said of what is beside where it is folded. */
  summary: string;
}

export function TwoColumns({ text, beside, summary }: ColumnsProps) {
  const place = useRef<HTMLDivElement>(null);
  const isWide = useIsWide(place);
  const [isOpen, setOpen] = useState(false);
  return (
    <div ref={place} class="columns" data-wide={isWide}>
      {isWide ? (
        <aside class="columns-beside">{beside()}</aside>
      ) : (
        <details class="columns-beside" onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>{summary}</summary>
          {isOpen && beside()}
        </details>
      )}
      <div class="columns-text">{text}</div>
    </div>
  );
}

function useIsWide(place: RefObject<HTMLElement | null>): boolean {
  const [isWide, setWide] = useState(true);
  useLayoutEffect(() => {
    const pane = place.current?.closest(".detail-pane");
    if (!pane) return;
    const look = () => setWide(pane.clientWidth >= BESIDE_FROM_PX);
    look();
    const observer = new ResizeObserver(look);
    observer.observe(pane);
    return () => observer.disconnect();
  }, [place]);
  return isWide;
}
