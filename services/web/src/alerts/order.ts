/** Which alerts a list shows and in which order, as pure functions. */

import type { Alert, Band, Counts, Shelf } from "../api/types";

export type Tab = "none" | "again" | Shelf;
export type Sort = "raised" | "probability";

export type Whose = "all" | "mine" | "nobodys";

export interface Filter {
  tab: Tab;
  whose: Whose;
  isHidden: boolean;
  sort: Sort;
  /** Only of one band, still above the threshold, raised since: null, false and 0 leave nobody out. */
  band: Band | null;
  isAbove: boolean;
  sinceMs: number;
  /** Who looks at the list, whose "mine" it is. */
  account: string;
}

export type Known = ReadonlyMap<string, Alert>;

/** Whether the list of `filter` is where an alert belongs: what is hidden is in one list, whatever was said. */
export function belongs(alert: Alert, filter: Filter): boolean {
  if (!isWhose(alert, filter) || !fits(alert, filter)) return false;
  if (filter.isHidden || alert.is_hidden) return alert.is_hidden === filter.isHidden;
  if (filter.tab === "again") return alert.again !== null;
  return !alert.is_done && (alert.shelf ?? "none") === filter.tab;
}

function fits({ band, probability, threshold, raised_ms }: Alert, filter: Filter): boolean {
  return (
    (filter.band === null || band === filter.band) &&
    (!filter.isAbove || (probability ?? 0) >= threshold) &&
    raised_ms >= filter.sinceMs
  );
}

function isWhose({ leased_by }: Alert, { whose, account }: Filter): boolean {
  return whose === "all" || leased_by === (whose === "mine" ? account : null);
}

/** Compare as the server sorts: last raised or most probable first. */
export function compare(sort: Sort): (one: Alert, other: Alert) => number {
  return (one, other) => {
    const difference =
      sort === "raised" ? other.raised_ms - one.raised_ms : (other.probability ?? 0) - (one.probability ?? 0);
    return difference || (one.user < other.user ? 1 : -1);
  };
}

/** Take over what is newer than what is known; return the alerts that were. */
export function takeNewer(known: Map<string, Alert>, alerts: readonly Alert[]): Alert[] {
  const taken = alerts.filter((alert) => {
    const before = known.get(alert.user);
    return before === undefined || alert.changed_ms >= before.changed_ms;
  });
  for (const alert of taken) known.set(alert.user, alert);
  return taken;
}

/** Sort what belongs. `tail` is the last alert of the pages loaded, where more follow: what lies beyond waits there. */
export function arrange(known: Known, filter: Filter, tail: Alert | null): string[] {
  const inOrder = compare(filter.sort);
  return [...known.values()]
    .filter((alert) => belongs(alert, filter) && (tail === null || inOrder(alert, tail) <= 0))
    .sort(inOrder)
    .map((alert) => alert.user);
}

/** The alert to open when `user` has left the list: of those still `there` the one after it, else the one before. */
export function neighbour(order: readonly string[], user: string, there: readonly string[]): string | null {
  const at = order.indexOf(user);
  const left = new Set(there);
  const isThere = (each: string) => left.has(each);
  return order.slice(at + 1).find(isThere) ?? order.slice(0, Math.max(at, 0)).findLast(isThere) ?? null;
}

/** Count an alert where it is now instead of where it was. */
export function recount(counts: Counts, before: Alert, after: Alert): Counts {
  const changed = { ...counts };
  for (const [alert, by] of [
    [before, -1],
    [after, 1],
  ] as const) {
    const place = placeOf(alert);
    if (place !== null) changed[place] += by;
  }
  changed.again += Number(isBack(after)) - Number(isBack(before));
  return changed;
}

function isBack(alert: Alert): boolean {
  return alert.again !== null && !alert.is_hidden;
}

/** Under what an alert counts; under nothing where it waits for others. */
function placeOf(alert: Alert): keyof Counts | null {
  if (alert.is_hidden) return "hidden";
  if (alert.is_done) return null;
  return alert.shelf ?? "unlabelled";
}
