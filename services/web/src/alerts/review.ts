/** What a reviewer does to an alert. Each act belongs to the alert it was begun on, whatever is open by its end. */

import { effect, signal } from "@preact/signals";
import { path, send } from "../api/client";
import type { Alert, Label, Verdict } from "../api/types";
import { percent, texts } from "../i18n";
import { here, isUnread, type Place } from "../route";
import { session } from "../session";
import { announce } from "../ui/announcer";
import { alone, changed } from "./acting";
import type { AlertList } from "./alert-list";
import { neighbour } from "./order";
import { remember } from "./steps";

export type Act =
  | { kind: "say"; verdict: Verdict }
  | { kind: "take back" }
  | { kind: "settle"; label: Label }
  | { kind: "hide"; reason: string }
  | { kind: "unhide" };

/** What is written beside a verdict before it is given. */
export interface Draft {
  user: string;
  confidence: number | null;
  note: string;
  /** When the case is wanted again, and not before. */
  snoozed_ms: number | null;
}

export const draft = signal<Draft | null>(null);

// Whoever signs in next is another one.
effect(() => {
  if (!session.value) draft.value = null;
});

/** Do it, say so with a way back, and open the alert that is next if nothing else was opened meanwhile. */
export async function review(list: AlertList, alert: Alert, act: Act): Promise<void> {
  if (isUnread()) return;
  await alone(alert.user, async () => {
    const place = here();
    // As it was when the act began: a live event may take the alert out of the list before the answer comes.
    const order = list.order.value;
    const answer = await changed(list, alert.user, () => carryOut(list, alert, act));
    if (answer === undefined) return;
    list.replace(alert, answer);
    const said = saidOf(act, alert.user);
    const then = goOn(list, place, order, alert, answer);
    announce([said, ...then].join(" "), remember(list, alert.user, act.kind, said));
  });
}

/** Open what is next once the alert has left the list, unless there is something to be looked at first. */
function goOn(
  list: AlertList,
  place: Place,
  order: readonly string[],
  alert: Alert,
  answer: Alert,
): string[] {
  const there = list.order.value;
  const hasLeft = order.includes(alert.user) && !there.includes(alert.user);
  const next = neighbour(order, alert.user, there);
  if (alert.is_blind && !answer.is_blind) return [stayWith(list, alert.user, hasLeft ? next : null)];
  return hasLeft && place.isHere() ? [openNext(list, place, next)] : [];
}

/** After a first look without the score it is there: it is looked at before one goes on. */
function stayWith(list: AlertList, user: string, next: string | null): string {
  list.stay(user, next);
  return texts.value.alerts.nowSeen;
}

function openNext(list: AlertList, place: Place, next: string | null): string {
  place.goOn("alerts", next);
  const alert = next === null ? undefined : list.alert(next);
  const { alerts } = texts.value;
  if (!alert) return alerts.saidLast;
  return alerts.saidNext(alert.user, alert.probability === null ? "" : percent(alert.probability));
}

function carryOut(list: AlertList, alert: Alert, act: Act): Promise<Alert> {
  const { user, review_version: version } = alert;
  switch (act.kind) {
    case "say": {
      const own = draft.value?.user === user ? draft.value : null;
      const { confidence = null, note = "", snoozed_ms = null } = own ?? {};
      const said = { verdict: act.verdict, confidence, note, snoozed_ms };
      return send(
        "PUT",
        path("alerts", user, "review"),
        { ...said, looked_ms: list.lookedMs(user) },
        version,
      );
    }
    case "take back":
      return send("DELETE", path("alerts", user, "review"), undefined, version);
    case "settle":
      return send("PUT", path("alerts", user, "settlement"), { label: act.label }, version);
    case "hide":
      return send("PUT", path("alerts", user, "hidden"), { reason: act.reason }, version);
    case "unhide":
      return send("DELETE", path("alerts", user, "hidden"), undefined, version);
  }
}

function saidOf(act: Act, user: string): string {
  const { alerts, labels } = texts.value;
  switch (act.kind) {
    case "say":
      return alerts.said(user, labels[act.verdict]);
    case "settle":
      return alerts.saidSettled(user, labels[act.label]);
    case "take back":
      return alerts.saidTakenBack(user);
    case "hide":
      return alerts.saidHidden(user);
    case "unhide":
      return alerts.saidShown(user);
  }
}
