/** What one can say of the case that is open, in the bar that stays in sight. */

import type { Alert, Review, Verdict } from "../api/types";
import { texts } from "../i18n";
import { Icon } from "../ui/icon";
import { busy } from "./acting";
import type { AlertList } from "./alert-list";
import { hiding } from "./hide-dialog";
import { type Act, review } from "./review";

const VERDICTS: readonly (readonly [Verdict, string])[] = [
  ["risk", "R"],
  ["no_risk", "N"],
  ["unsure", "S"],
];

interface ActsProps {
  list: AlertList;
  alert: Alert;
  /** What one says now. */
  own: Review | undefined;
}

export function ReviewActs({ list, alert, own }: ActsProps) {
  const { alerts, labels } = texts.value;
  const isBusy = busy.value.has(alert.user);
  const act = (wanted: Act) => () => void review(list, alert, wanted);
  const hide = () => {
    hiding.value = alert;
  };
  return (
    <div class="review-acts" aria-busy={isBusy}>
      {VERDICTS.map(([verdict, key]) => (
        <button
          key={verdict}
          type="button"
          class={`button button-${verdict.replace("_", "-")}`}
          aria-pressed={own?.verdict === verdict}
          aria-disabled={isBusy}
          onClick={own?.verdict === verdict ? undefined : act({ kind: "say", verdict })}
        >
          {own?.verdict === verdict && <Icon name="check" />} {labels[verdict]} <kbd>{key}</kbd>
        </button>
      ))}
      {own && (
        <button type="button" class="button" aria-disabled={isBusy} onClick={act({ kind: "take back" })}>
          {alerts.takeBack} <kbd>U</kbd>
        </button>
      )}
      <button
        type="button"
        class="button"
        aria-disabled={isBusy}
        onClick={alert.is_hidden ? act({ kind: "unhide" }) : hide}
      >
        <Icon name="hide" /> {alert.is_hidden ? alerts.unhide : alerts.hide} <kbd>H</kbd>
      </button>
    </div>
  );
}
