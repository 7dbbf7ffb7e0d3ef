/** Alerts: the list and the open alert side by side, or one after the other where there is no room. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { connection, listen, onReturn } from "../api/live";
import { texts } from "../i18n";
import { useKeys } from "../keys";
import { choose, go, route } from "../route";
import { Icon } from "../ui/icon";
import { Page } from "../ui/page";
import { type AlertList, createAlertList } from "./alert-list";
import { choicesOf, chosenIn } from "./choices";
import { DetailPane } from "./detail-pane";
import { HideDialog } from "./hide-dialog";
import { keysOf } from "./keys";
import { ListPane } from "./list-pane";
import { openNextCase } from "./queue";
import { StepsDialog } from "./steps-dialog";

export function AlertsView() {
  const list = useMemo(() => createAlertList(chosenIn(route.value.choices)), []);
  useChoicesInAddress(list);
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
          <button type="button" class="button" onClick={() => void openNextCase(list.filter.value)}>
            <Icon name="down" /> {texts.value.alerts.nextCase} <kbd>G</kbd>
          </button>
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

/** What is chosen stands in the address, and an address that is gone back to is what is chosen. */
function useChoicesInAddress(list: AlertList): void {
  const { choices } = route.value;
  const isPaused = list.isPaused.value;
  const filter = list.filter.value;
  const written = useRef(choices);
  useEffect(() => {
    written.current = choicesOf({ ...filter, isPaused });
    choose(written.current);
  }, [filter, isPaused]);
  useEffect(() => {
    if (choices === written.current) return;
    const { isPaused: isToPause, ...wanted } = chosenIn(choices);
    const now = list.filter.value;
    if (
      (["tab", "sort", "whose", "band", "isAbove", "sinceMs", "isHidden"] as const).some(
        (each) => wanted[each] !== now[each],
      )
    ) {
      list.choose(wanted);
    }
    if (isToPause !== list.isPaused.value) list.setPaused(isToPause);
  }, [choices, list]);
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
