/** What was done in this session, each step of which can be undone: one's own alone, a colleague's never. */

import { effect, signal } from "@preact/signals";
import { get, path, send } from "../api/client";
import type { Alert, Review, Reviews } from "../api/types";
import { texts } from "../i18n";
import { here } from "../route";
import { session } from "../session";
import { announce, announceProblem } from "../ui/announcer";
import { alone, changed } from "./acting";
import type { AlertList } from "./alert-list";
import type { Act } from "./review";

export interface Step {
  id: number;
  user: string;
  kind: Act["kind"];
  said: string;
  list: AlertList;
}

/** The newest last. */
export const steps = signal<readonly Step[]>([]);

let taken = 0;

effect(() => {
  if (!session.value) steps.value = [];
});

/** Keep a step; what is returned undoes it. */
export function remember(list: AlertList, user: string, kind: Act["kind"], said: string): () => void {
  taken += 1;
  const step = { id: taken, user, kind, said, list };
  steps.value = [...steps.value, step];
  return () => void undo(step);
}

/** Undo the newest step that is left. */
export function undoLast(): void {
  const last = steps.value.at(-1);
  if (last === undefined) announce(texts.value.alerts.nothingToUndo);
  else void undo(last);
}

/** Undo a step, and open its alert if nothing else was opened meanwhile. */
export async function undo(step: Step): Promise<void> {
  if (!steps.value.includes(step)) return;
  await alone(step.user, async () => {
    const place = here();
    const { list, user } = step;
    const before = await changedBack(step);
    if (before === undefined) return;
    steps.value = steps.value.filter((each) => each !== step);
    const [was, now] = before;
    list.replace(was, now);
    place.goOn("alerts", user);
    announce(texts.value.alerts.saidUndone(user));
  });
}

/** Return the alert before and after; undefined, and say why, where nothing of it is one's own any more. */
async function changedBack(step: Step): Promise<[Alert, Alert] | undefined> {
  const { alerts } = texts.value;
  let was: Alert | undefined;
  let isOwn = true;
  const now = await changed(step.list, step.user, async () => {
    was = await get<Alert>(path("alerts", step.user));
    const { reviews } = await get<Reviews>(path("alerts", step.user, "reviews"));
    const back = wayBack(step.kind, reviews, session.value?.name ?? "");
    isOwn = back !== null;
    return back === null ? was : back(step.user, was.review_version);
  });
  if (was === undefined || now === undefined) return undefined;
  if (isOwn) return [was, now];
  steps.value = steps.value.filter((each) => each !== step);
  announceProblem(alerts.notYours(step.user));
  return undefined;
}

type Back = (user: string, version: number) => Promise<Alert>;

/** What undoes the newest act of one's own of this kind; null where a colleague has acted on it since. */
export function wayBack(kind: Act["kind"], reviews: readonly Review[], account: string): Back | null {
  if (kind === "say" || kind === "take back") {
    const own = reviews.filter((each) => each.account === account && isWord(each));
    return own.length === 0 ? null : sayAgain(own.at(-2));
  }
  if (kind === "settle") {
    const last = reviews.findLast((each) => each.deed === "settled" || each.deed === "unsettled");
    if (last?.account !== account || last.deed !== "settled") return null;
    return (user, version) => send("DELETE", path("alerts", user, "settlement"), undefined, version);
  }
  const last = reviews.findLast((each) => each.deed === "hid" || each.deed === "showed");
  if (last?.account !== account) return null;
  const method = last.deed === "hid" ? "DELETE" : "PUT";
  return (user, version) => send(method, path("alerts", user, "hidden"), undefined, version);
}

function isWord(review: Review): boolean {
  return review.deed === "said" || review.deed === "took back";
}

/** Say again what one had said before, or nothing. */
function sayAgain(before: Review | undefined): Back {
  if (before?.deed !== "said") {
    return (user, version) => send("DELETE", path("alerts", user, "review"), undefined, version);
  }
  const { verdict, confidence, reason, note, looked_ms, is_blind } = before;
  const said = { verdict, confidence, reason, note, looked_ms, is_blind };
  return (user, version) => send("PUT", path("alerts", user, "review"), said, version);
}
