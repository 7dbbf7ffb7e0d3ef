/** The list of alerts: loaded in pages, kept up to date, its order held while somebody is in it. */

import { computed, signal } from "@preact/signals";
import { get, isAbort, path, withQuery } from "../api/client";
import type { Alert, Counts, Page } from "../api/types";
import { type Chosen, chosenIn } from "./choices";
import { arrange, belongs, type Filter, recount, takeNewer } from "./order";

const PAGE = 100;
const MOST_ROWS = 5000;

export type AlertList = ReturnType<typeof createAlertList>;

/** Make the state of one list. Whoever makes it hands it the live events. */
export function createAlertList({ isPaused: isPausedAtFirst, ...first }: Chosen = chosenIn({})) {
  const filter = signal<Filter>(first);
  const counts = signal<Counts | null>(null);
  const order = signal<readonly string[]>([]);
  const waiting = signal(0);
  /** How many alerts of the pages that were loaded cannot be shown. */
  const leftOut = signal(0);
  const isLoading = signal(true);
  const problem = signal<unknown>(null);
  const isPaused = signal(isPausedAtFirst);
  const isInUse = signal(false);
  const known = new Map<string, Alert>();
  /** The alert whose detail is on screen; it need not be in the list. */
  const opened = signal<Alert | null>(null);
  let openedMs = 0;
  /** Of each alert that came with counts, the reviews that are in them: an answer may come later than that. */
  const counted = new Map<string, number>();
  /** Who stays open although they have left the list, and who came after them in it. */
  let left: { user: string; next: string | null } | null = null;
  /** The first row in sight. */
  let place = 0;
  /** Grows with every change of an alert that is shown: rows are read anew. */
  const revision = signal(0);

  let cursor: string | null = null;
  let tail: Alert | null = null;
  let running: AbortController | null = null;

  const isHeld = computed(() => isPaused.value || isInUse.value);

  /** Forget what was loaded, and load the first page and the counts. */
  async function reload(): Promise<void> {
    running?.abort();
    const controller = new AbortController();
    running = controller;
    isLoading.value = true;
    problem.value = null;
    try {
      const [found, page] = await Promise.all([
        get<Counts>(path("alerts", "counts"), controller.signal),
        get<Page<Alert>>(pageAddress(null), controller.signal),
      ]);
      known.clear();
      leftOut.value = 0;
      counts.value = found;
      take(page);
    } catch (error) {
      if (isAbort(error)) return;
      problem.value = error;
    }
    isLoading.value = false;
  }

  /** Load the page after the last one, if there is one and it is not on its way. */
  async function loadMore(): Promise<void> {
    if (cursor === null || isLoading.value) return;
    const controller = new AbortController();
    running = controller;
    isLoading.value = true;
    problem.value = null;
    try {
      take(await get<Page<Alert>>(pageAddress(cursor), controller.signal));
    } catch (error) {
      if (isAbort(error)) return;
      problem.value = error;
    }
    isLoading.value = false;
  }

  function take(page: Page<Alert>): void {
    cursor = page.cursor;
    tail = cursor === null ? null : (page.items.at(-1) ?? null);
    leftOut.value += page.left_out;
    const isFirst = known.size === 0;
    takeNewer(known, page.items);
    if (isFirst) settle();
    else append(page.items);
    // Of a part of the list nothing may be for this account, and more behind it.
    if (page.items.length === 0) queueMicrotask(() => void loadMore());
  }

  function append(alerts: readonly Alert[]): void {
    const there = new Set(order.value);
    order.value = [...order.value, ...alerts.map((alert) => alert.user).filter((user) => !there.has(user))];
    settleUnlessHeld();
  }

  function pageAddress(from: string | null): string {
    const { tab, isHidden, sort, whose, band, isAbove, sinceMs } = filter.value;
    const fit = { band, is_above: isAbove, raised_since_ms: sinceMs };
    const query = { label: isHidden ? "any" : tab, hidden: isHidden, sort, whose, ...fit };
    return withQuery(path("alerts"), { ...query, limit: PAGE, cursor: from });
  }

  /** Show another tab, order, or what is hidden. */
  function choose(change: Partial<Filter>): void {
    filter.value = { ...filter.value, ...change };
    known.clear();
    order.value = [];
    waiting.value = 0;
    leftOut.value = 0;
    void reload();
  }

  /** Take over what the server has sent. Nothing moves while the order is held. */
  function hear(alerts: readonly Alert[], latest: Counts): void {
    counts.value = latest;
    for (const alert of alerts) counted.set(alert.user, alert.review_version);
    takeNewer(known, alerts);
    settleUnlessHeld();
  }

  function settleUnlessHeld(): void {
    if (!isHeld.value) settle();
    else notice();
  }

  /** Count who would join the list, and let its rows show what is new about them. */
  function notice(): void {
    const there = new Set(order.value);
    waiting.value = arrange(known, filter.value, tail).filter((user) => !there.has(user)).length;
    if (!isPaused.value) revision.value += 1;
  }

  /** Put every alert where it belongs now. */
  function settle(): void {
    order.value = arrange(known, filter.value, tail);
    waiting.value = 0;
    revision.value += 1;
    prune();
  }

  /** Keep what is in memory bounded, however long the page stays open: not from under who has come far down. */
  function prune(): void {
    for (const [user, alert] of known) if (!belongs(alert, filter.value)) known.delete(user);
    const isBegun = place < PAGE && order.value.indexOf(opened.value?.user ?? "") < PAGE;
    if (order.value.length > MOST_ROWS && !isLoading.value && !isHeld.value && isBegun) void reload();
  }

  /** Take over the answer to a label or a hiding of one's own; it leaves the list at once if it does not belong. */
  function replace(before: Alert, alert: Alert): void {
    const isCounted = (counted.get(alert.user) ?? -1) >= alert.review_version;
    if (counts.value && !isCounted) counts.value = recount(counts.value, before, alert);
    if (opened.value?.user === alert.user) opened.value = alert;
    known.set(alert.user, alert);
    const isThere = order.value.includes(alert.user);
    if (isThere && !belongs(alert, filter.value)) {
      order.value = order.value.filter((user) => user !== alert.user);
    } else if (!isThere && belongs(alert, filter.value)) {
      settle();
    }
    revision.value += 1;
  }

  /** Drop users that are forgotten. */
  function drop(users: readonly string[]): void {
    for (const user of users) known.delete(user);
    order.value = order.value.filter((user) => known.has(user));
  }

  /** Hold the order while the list has the focus or the pointer. */
  function setInUse(now: boolean): void {
    isInUse.value = now;
    settleUnlessHeld();
  }

  function setPaused(now: boolean): void {
    isPaused.value = now;
    settleUnlessHeld();
  }

  /** Note whose detail has come on screen. */
  function open(alert: Alert | null): void {
    if (alert?.user !== opened.value?.user) openedMs = performance.now();
    opened.value = alert;
  }

  return {
    filter,
    counts,
    order,
    waiting,
    leftOut,
    isLoading,
    problem,
    isPaused,
    opened,
    revision,
    open,
    setPlace: (row: number): void => {
      place = row;
    },
    /** How long the detail of a user has been on screen. */
    lookedMs: (user: string): number | null =>
      opened.value?.user === user ? Math.round(performance.now() - openedMs) : null,
    alert: (user: string): Alert | undefined => known.get(user),
    stay: (user: string, next: string | null): void => {
      left = { user, next };
    },
    /** Who came after somebody who has left the list while they were open. */
    after: (user: string): string | null => (left?.user === user ? left.next : null),
    reload,
    loadMore,
    choose,
    hear,
    settle,
    replace,
    drop,
    setInUse,
    setPaused,
  };
}
