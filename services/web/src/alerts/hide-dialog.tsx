/** The question before a person is taken out of lists and datasets: why. */

import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Alert } from "../api/types";
import { texts } from "../i18n";
import { Dialog } from "../ui/dialog";
import type { AlertList } from "./alert-list";
import { review } from "./review";

/** Whom it is about while it is asked. */
export const hiding = signal<Alert | null>(null);

export function HideDialog({ list }: { list: AlertList }) {
  const alert = hiding.value;
  useEffect(
    () => () => {
      hiding.value = null;
    },
    [],
  );
  return alert && <Question key={alert.user} list={list} alert={alert} />;
}

function Question({ list, alert }: { list: AlertList; alert: Alert }) {
  const { alerts, cancel } = texts.value;
  const reason = useSignal("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const close = () => {
    hiding.value = null;
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    close();
    void review(list, alert, { kind: "hide", reason: reason.value.trim() });
  };
  return (
    <Dialog title={alerts.hideTitle(alert.user)} close={close}>
      <form class="form" onSubmit={submit}>
        <p>{alerts.hideWhat}</p>
        <label class="field">
          <span>{alerts.hideWhy}</span>
          <input
            ref={field}
            name="reason"
            list="hide-reasons"
            required
            maxlength={200}
            autocomplete="off"
            onInput={(event) => {
              reason.value = event.currentTarget.value;
            }}
          />
        </label>
        <datalist id="hide-reasons">
          {alerts.hideReasons.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
        <footer class="dialog-acts">
          <button type="button" class="button" onClick={close}>
            {cancel}
          </button>
          <button type="submit" class="button button-first">
            {alerts.hide}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
