/** A list of any length of which only the rows in sight exist. Rows are of one height and absolute in place. */

import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";

const SPARE_ROWS = 6;

export interface Stretch {
  first: number;
  end: number;
}

/** Which rows of `count` to keep for a window of `heightPx` at `topPx`. */
export function stretchInSight(topPx: number, heightPx: number, rowPx: number, count: number): Stretch {
  const first = Math.max(0, Math.floor(topPx / rowPx) - SPARE_ROWS);
  const end = Math.min(count, Math.ceil((topPx + heightPx) / rowPx) + SPARE_ROWS);
  return { first: Math.min(first, end), end };
}

interface RowsProps {
  scroller: RefObject<HTMLElement | null>;
  count: number;
  rowPx: number;
  row: (index: number) => ComponentChildren;
  nearEnd: () => void;
}

/** The rows inside of `scroller`; `nearEnd` is called while the last of them are in sight. */
export function VirtualRows({ scroller, count, rowPx, row, nearEnd }: RowsProps) {
  const { first, end } = stretchInSight(...useWindow(scroller), rowPx, count);
  useEffect(() => {
    if (count > 0 && end >= count) nearEnd();
  }, [end, count, nearEnd]);
  const rows = [];
  for (let index = first; index < end; index += 1) rows.push(row(index));
  return (
    <div class="virtual" role="presentation" style={{ height: `${count * rowPx}px` }}>
      {rows}
    </div>
  );
}

function useWindow(scroller: RefObject<HTMLElement | null>): [number, number] {
  const [topPx, setTop] = useState(0);
  const [heightPx, setHeight] = useState(900);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const look = () => setTop(element.scrollTop);
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [scroller]);
  return [topPx, heightPx];
}
