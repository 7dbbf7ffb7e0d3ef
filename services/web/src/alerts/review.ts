/** What a reviewer does to an alert: label it, clear the label, hide it, and undo that. */

import { path, send } from "../api/client";
import type { Alert, Label } from "../api/types";
import { percent, texts } from "../i18n";
import { go } from "../route";
import { announce } from "../ui/announcer";
import { attempt } from "../ui/problem";
import type { AlertList } from "./alert-list";
import { neighbour } from "./order";

export type Act = Label | "unlabel" | "hide" | "unhide";

/** Do it, say so with a way back, and open the alert that is next. */
export async function review(list: AlertList, alert: Alert, act: Act): Promise<void> {
  const isListed = list.order.value.includes(alert.user);
  const next = neighbour(list.order.value, alert.user);
  const answer = await attempt(() => carryOut(alert.user, act), texts.value.alerts.notSaved(alert.user));
  if (answer === undefined) return;
  list.replace(alert, answer);
  const said = [saidOf(act, alert.user)];
  if (isListed && !list.order.value.includes(alert.user)) said.push(openNext(list, next));
  announce(said.join(" "), () => void takeBack(list, alert, answer));
}

function openNext(list: AlertList, next: string | null): string {
  go("alerts", next, true);
  const alert = next === null ? undefined : list.alert(next);
  const { alerts } = texts.value;
  return alert ? alerts.saidNext(alert.user, percent(alert.probability)) : alerts.saidLast;
}

/** Make an alert again what it was before, and open it. */
async function takeBack(list: AlertList, before: Alert, after: Alert): Promise<void> {
  const answer = await attempt(async () => {
    const now = await carryOut(before.user, before.is_hidden ? "hide" : "unhide");
    return (now.label ?? null) === before.label ? now : carryOut(before.user, before.label ?? "unlabel");
  }, texts.value.alerts.notSaved(before.user));
  if (answer === undefined) return;
  list.replace(after, answer);
  go("alerts", before.user, true);
}

function carryOut(user: string, act: Act): Promise<Alert> {
  switch (act) {
    case "hide":
      return send("PUT", path("alerts", user, "hidden"));
    case "unhide":
      return send("DELETE", path("alerts", user, "hidden"));
    case "unlabel":
      return send("DELETE", path("alerts", user, "label"));
    default:
      return send("PUT", path("alerts", user, "label"), { label: act });
  }
}

function saidOf(act: Act, user: string): string {
  const { alerts } = texts.value;
  const said = {
    risk: alerts.saidRisk,
    no_risk: alerts.saidNoRisk,
    unlabel: alerts.saidUnlabelled,
    hide: alerts.saidHidden,
    unhide: alerts.saidShown,
  };
  return said[act](user);
}
