/** Single keys and what they do, where no field or dialog takes them first. */

import { useLayoutEffect } from "preact/hooks";
import { hasSingleKeys } from "./preferences";

export type Keys = Record<string, () => void>;

/** Do what a key stands for while the component is there. */
export function useKeys(keys: Keys): void {
  useLayoutEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const act = keys[event.key];
      if (!act || !hasSingleKeys.value || isTaken(event)) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
  }, [keys]);
}

function isTaken(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return true;
  const target = event.target instanceof Element ? event.target : null;
  if (document.querySelector("dialog[open], [popover]:popover-open")) return true;
  if (target?.closest("textarea, select, [contenteditable]")) return true;
  return target instanceof HTMLInputElement && !["radio", "checkbox", "range"].includes(target.type);
}
