/** Which key does what to the list and to the alert that is open. */

import type { Alert } from "../api/types";
import type { Keys } from "../keys";
import { go, route } from "../route";
import type { AlertList } from "./alert-list";
import { hiding } from "./hide-dialog";
import type { Tab } from "./order";
import { openNextCase } from "./queue";
import { type Act, review } from "./review";
import { undoLast } from "./steps";

export function keysOf(list: AlertList): Keys {
  const withOpen = (act: (alert: Alert) => void) => () => {
    const alert = list.opened.value;
    if (alert && alert.user === route.value.subject) act(alert);
  };
  const onOpen = (act: Act) => withOpen((alert) => void review(list, alert, act));
  const hideOrShow = withOpen((alert) => {
    if (alert.is_hidden) void review(list, alert, { kind: "unhide" });
    else hiding.value = alert;
  });
  const step = (by: number) => () => {
    const order = list.order.value;
    const subject = route.value.subject ?? "";
    const at = order.indexOf(subject);
    const next = at < 0 ? (list.after(subject) ?? order[0]) : order[at + by];
    if (next !== undefined) go("alerts", next, true);
  };
  const tab = (name: Tab) => () => list.choose({ tab: name, isHidden: false });
  return {
    j: step(1),
    k: step(-1),
    r: onOpen({ kind: "say", verdict: "risk" }),
    n: onOpen({ kind: "say", verdict: "no_risk" }),
    s: onOpen({ kind: "say", verdict: "unsure" }),
    u: onOpen({ kind: "take back" }),
    h: hideOrShow,
    g: () => void openNextCase(list.filter.value),
    z: undoLast,
    p: () => list.setPaused(!list.isPaused.value),
    ".": list.settle,
    "1": tab("none"),
    "2": tab("risk"),
    "3": tab("no_risk"),
    "4": tab("unsure"),
    "5": tab("disputed"),
    "6": tab("again"),
  };
}
