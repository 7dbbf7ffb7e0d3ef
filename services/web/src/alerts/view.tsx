/** Alerts: the list and the open alert side by side, or one after the other where there is no room. */

import { useEffect, useMemo, useRef } from "preact/hooks";
import { connection, listen, onReturn } from "../api/live";
import { texts } from "../i18n";
import { type Keys, useKeys } from "../keys";
import { go, route } from "../route";
import { undoLast } from "../ui/announcer";
import { Icon } from "../ui/icon";
import { Page } from "../ui/page";
import { type AlertList, createAlertList } from "./alert-list";
import { DetailPane } from "./detail-pane";
import { ListPane } from "./list-pane";
import { type Act, review } from "./review";

export function AlertsView() {
  const list = useMemo(createAlertList, []);
  const { subject } = route.value;
  useLiveList(list);
  useFocusWhenClosed(subject);
  useKeys(useMemo(() => keysOf(list), [list]));
  return (
    <Page title={texts.value.views.alerts} class="alerts-page" actions={<PauseButton list={list} />}>
      <div class="side-by-side" data-open={subject !== null}>
        <ListPane list={list} open={subject} />
        {subject === null ? <Nobody /> : <DetailPane key={subject} list={list} user={subject} />}
      </div>
    </Page>
  );
}

/** When the last alert is gone, and with it what had the focus, the list takes it: keys go on working. */
function useFocusWhenClosed(subject: string | null): void {
  const before = useRef(subject);
  useEffect(() => {
    const isClosed = before.current !== null && subject === null;
    before.current = subject;
    if (isClosed && document.activeElement === document.body) {
      document.querySelector<HTMLElement>(".listbox")?.focus();
    }
  }, [subject]);
}

function useLiveList(list: AlertList): void {
  useEffect(() => {
    void list.reload();
    const stopListening = listen((event) => {
      if (event.type === "alerts") list.hear(event.alerts, event.counts);
      if (event.type === "forgotten") {
        list.drop(event.users);
        if (event.users.includes(route.value.subject ?? "")) go("alerts", null, true);
      }
    });
    const stopReturning = onReturn(() => void list.reload());
    return () => {
      stopListening();
      stopReturning();
    };
  }, [list]);
}

function keysOf(list: AlertList): Keys {
  const onOpen = (act: Act | (() => Act | null)) => () => {
    const alert = list.opened.value;
    const wanted = typeof act === "function" ? act() : act;
    if (alert && alert.user === route.value.subject && wanted) void review(list, alert, wanted);
  };
  const step = (by: number) => () => {
    const order = list.order.value;
    const at = order.indexOf(route.value.subject ?? "");
    const next = order[at < 0 ? 0 : at + by];
    if (next !== undefined) go("alerts", next, true);
  };
  return {
    j: step(1),
    k: step(-1),
    r: onOpen("risk"),
    n: onOpen("no_risk"),
    u: onOpen("unlabel"),
    h: onOpen(() => (list.filter.value.isHidden ? "unhide" : "hide")),
    z: undoLast,
    p: () => list.setPaused(!list.isPaused.value),
    ".": list.settle,
    "1": () => list.choose({ tab: "none" }),
    "2": () => list.choose({ tab: "risk" }),
    "3": () => list.choose({ tab: "no_risk" }),
  };
}

function PauseButton({ list }: { list: AlertList }) {
  const { alerts } = texts.value;
  const isPaused = list.isPaused.value;
  return (
    <button
      type="button"
      class="button"
      aria-pressed={isPaused}
      disabled={connection.value === "off"}
      onClick={() => list.setPaused(!isPaused)}
    >
      <Icon name={isPaused ? "play" : "pause"} /> {isPaused ? alerts.resume : alerts.pause} <kbd>P</kbd>
    </button>
  );
}

function Nobody() {
  const { alerts } = texts.value;
  return (
    <section class="pane detail-pane detail-nobody" aria-label={alerts.review}>
      <div class="blank">
        <p>{alerts.choose}</p>
        <p class="quiet">{alerts.chooseHint}</p>
      </div>
    </section>
  );
}
