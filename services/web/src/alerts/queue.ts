/** The queue: the next case of nobody's, and what is left to others. */

import { path, send } from "../api/client";
import type { NextCase } from "../api/types";
import { texts } from "../i18n";
import { here } from "../route";
import { announce } from "../ui/announcer";
import { attempt } from "../ui/problem";
import type { Filter } from "./order";

export const WHY_SKIPPED = ["acquainted", "language", "too_much", "other"] as const;
type Wanted = Pick<Filter, "band" | "isAbove" | "sinceMs">;
export type WhySkipped = (typeof WHY_SKIPPED)[number];

/** Open the next case of the queue, of those that the list is of, unless something else is opened meanwhile. */
export async function openNextCase({ band, isAbove, sinceMs }: Wanted): Promise<void> {
  const place = here();
  const wanted = { bands: band === null ? [] : [band], is_above: isAbove, raised_since_ms: sinceMs };
  const answer = await attempt(() => send<NextCase>("POST", path("queue", "next"), wanted));
  if (answer === undefined) return;
  if (answer.alert === null) announce(texts.value.alerts.queueEmpty);
  else place.goOn("alerts", answer.alert.user);
}

/** Leave a case to others, and open the next one. */
export async function skip(user: string, why: WhySkipped, wanted: Wanted): Promise<void> {
  const place = here();
  const isDone = await attempt(async () => {
    await send("PUT", path("alerts", user, "skip"), { why });
    return true;
  });
  if (!isDone) return;
  announce(texts.value.alerts.saidSkipped(user));
  if (place.isHere()) await openNextCase(wanted);
}
