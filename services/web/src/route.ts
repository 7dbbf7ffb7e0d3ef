/** Where the page is. */

import { signal } from "@preact/signals";
import { addressOf, parseRoute, type Route, type View } from "./address";

export const route = signal<Route>(parseRoute(location.hash));

window.addEventListener("hashchange", () => {
  route.value = parseRoute(location.hash);
});

/** Go there; `replace` leaves no step for the browser's back button. */
export function go(view: View, subject: string | null = null, replace = false): void {
  const address = addressOf(view, subject);
  if (address === location.hash) return;
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  route.value = { view, subject };
}
