/** Where the page is, and from where what takes a while goes on. */

import { signal } from "@preact/signals";
import { addressOf, type Choices, parseRoute, type Route, type View } from "./address";

export const route = signal<Route>(parseRoute(location.hash));

/** So long nothing is done to what has opened by itself: whoever presses a key again has not read it. */
const UNREAD_MS = 500;

let visits = 0;
let arrivedMs = Number.NEGATIVE_INFINITY;

window.addEventListener("hashchange", () => arrive(parseRoute(location.hash)));

/** Go where a person wants to; `replace` leaves no step for the browser's back button. */
export function go(view: View, subject: string | null = null, replace = false): void {
  const choices = view === route.value.view ? route.value.choices : undefined;
  const address = addressOf(view, subject, choices);
  if (address === location.hash) return;
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  arrive(choices ? { view, subject, choices } : { view, subject });
}

/** Keep in the address what is chosen in the view that is open, for a reload, the way back, and a colleague. */
export function choose(choices: Choices): void {
  const { view, subject } = route.value;
  const address = addressOf(view, subject, choices);
  if (address === addressOf(view, subject, route.value.choices)) return;
  history.replaceState(null, "", address);
  route.value = { view, subject, choices };
}

/** Where somebody was when an act began. Its answer moves the page only as long as they are still there. */
export interface Place {
  isHere: () => boolean;
  goOn: (view: View, subject: string | null) => void;
}

export function here(): Place {
  const visit = visits;
  const isHere = () => visit === visits;
  return {
    isHere,
    goOn: (view, subject) => {
      if (!isHere()) return;
      go(view, subject, true);
      arrivedMs = performance.now();
    },
  };
}

/** Whether what is open has opened by itself, too short a time ago to have been read. */
export function isUnread(): boolean {
  return performance.now() - arrivedMs < UNREAD_MS;
}

function arrive(at: Route): void {
  visits += 1;
  arrivedMs = Number.NEGATIVE_INFINITY;
  route.value = at;
}
