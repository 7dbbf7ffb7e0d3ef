/** Alerts: the list and the open alert side by side, or one after the other where there is no room. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { connection, listen, onReturn } from "../api/live";
import { texts } from "../i18n";
import { useKeys } from "../keys";
import { go, route } from "../route";
import { Icon } from "../ui/icon";
import { Page } from "../ui/page";
import { type AlertList, createAlertList } from "./alert-list";
import { DetailPane } from "./detail-pane";
import { HideDialog } from "./hide-dialog";
import { keysOf } from "./keys";
import { ListPane } from "./list-pane";
import { StepsDialog } from "./steps-dialog";

export function AlertsView() {
  const list = useMemo(createAlertList, []);
  const { subject } = route.value;
  useLiveList(list);
  useFocusWhenClosed(subject);
  useKeys(useMemo(() => keysOf(list), [list]));
  const isLookingBack = useSignal(false);
  return (
    <Page
      title={texts.value.views.alerts}
      class="alerts-page"
      actions={
        <>
          <button type="button" class="button" onClick={() => (isLookingBack.value = true)}>
            <Icon name="undo" /> {texts.value.alerts.steps}
          </button>
          <PauseButton list={list} />
        </>
      }
    >
      <div class="side-by-side" data-open={subject !== null}>
        <ListPane list={list} open={subject} />
        {subject === null ? <Nobody /> : <DetailPane key={subject} list={list} user={subject} />}
      </div>
      <HideDialog list={list} />
      {isLookingBack.value && <StepsDialog close={() => (isLookingBack.value = false)} />}
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
