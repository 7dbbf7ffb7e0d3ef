/** One act at a time for each person, and what to do where somebody else was faster. */

import { signal } from "@preact/signals";
import { get, Problem, path } from "../api/client";
import type { Alert } from "../api/types";
import { texts } from "../i18n";
import { attempt } from "../ui/problem";
import type { AlertList } from "./alert-list";

/** Of whom an act is on its way: its buttons wait, and nothing else is done to them meanwhile. */
export const busy = signal<ReadonlySet<string>>(new Set());

/** Run one act at a time for a user; what is asked for meanwhile is not done. */
export async function alone(user: string, act: () => Promise<void>): Promise<void> {
  if (busy.value.has(user)) return;
  busy.value = new Set([...busy.value, user]);
  try {
    await act();
  } finally {
    busy.value = new Set([...busy.value].filter((each) => each !== user));
  }
}

/** Run a change; where somebody was faster, say who, and show the alert as it is. */
export async function changed(
  list: AlertList,
  user: string,
  change: () => Promise<Alert>,
): Promise<Alert | undefined> {
  let isOvertaken = false;
  const answer = await attempt(async () => {
    try {
      return await change();
    } catch (error) {
      isOvertaken = error instanceof Problem && error.status === 409;
      throw error;
    }
  }, texts.value.alerts.notSaved(user));
  if (isOvertaken) {
    const now = await attempt(() => get<Alert>(path("alerts", user)));
    if (now !== undefined) list.replace(list.alert(user) ?? now, now);
  }
  return answer;
}
