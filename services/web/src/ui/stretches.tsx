/** A long list of items of any height: of a stretch that is far from sight only its room is kept. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

const STRETCH = 10;
/** So few items are all there: the browser's own search finds what is in them. */
const FEW = 120;
/** So far from sight a stretch is there already, and still. */
const NEAR = "1000px";

interface StretchesProps<Item> {
  items: readonly Item[];
  /** Rows of a table are in parts of its body. */
  as?: "div" | "tbody";
  keyOf: (item: Item) => string;
  /** The key of an item that is there wherever it stands. */
  kept?: string | null;
  item: (item: Item, before: Item | undefined) => ComponentChildren;
}

export function Stretches<Item>({ items, as = "div", keyOf, kept = null, item }: StretchesProps<Item>) {
  const isShort = items.length <= FEW;
  const stretches = [];
  for (let start = 0; start < items.length; start += STRETCH) {
    const some = items.slice(start, start + STRETCH);
    stretches.push(
      <Stretch key={start} as={as} isKept={isShort || some.some((each) => keyOf(each) === kept)}>
        {() => some.map((each, index) => item(each, items[start + index - 1]))}
      </Stretch>,
    );
  }
  return <>{stretches}</>;
}

interface StretchProps {
  as: "div" | "tbody";
  isKept: boolean;
  children: () => ComponentChildren;
}

function Stretch({ as: Tag, isKept, children }: StretchProps) {
  const place = useRef<HTMLElement>(null);
  const [isNear, setNear] = useState(true);
  const heightPx = useRef(0);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const observer = new IntersectionObserver(
      (seen) => {
        const last = seen.at(-1);
        if (!last) return;
        if (!last.isIntersecting) heightPx.current = last.boundingClientRect.height;
        setNear(last.isIntersecting);
      },
      { root: scrollerOf(element), rootMargin: NEAR },
    );
    observer.observe(element);
    // On paper everything is near.
    const print = () => setNear(true);
    const lookAgain = () => {
      observer.unobserve(element);
      observer.observe(element);
    };
    window.addEventListener("beforeprint", print);
    window.addEventListener("afterprint", lookAgain);
    return () => {
      observer.disconnect();
      window.removeEventListener("beforeprint", print);
      window.removeEventListener("afterprint", lookAgain);
    };
  }, []);
  const isThere = isNear || isKept;
  return (
    <Tag
      ref={place as never}
      class="stretch"
      style={isThere ? undefined : { blockSize: `${heightPx.current}px` }}
    >
      {isThere && children()}
    </Tag>
  );
}

/** What scrolls the element: a margin counts around that, not around what is cut off by it. */
function scrollerOf(element: HTMLElement): HTMLElement | null {
  for (let each = element.parentElement; each; each = each.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(each).overflowY)) return each;
  }
  return null;
}
