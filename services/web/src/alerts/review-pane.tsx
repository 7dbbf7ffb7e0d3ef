/** What was said of a case, by whom, and what one says oneself. */

import { useEffect, useId, useState } from "preact/hooks";
import { path, withQuery } from "../api/client";
import type { Alert, Page, Act as RecordedAct, Review, Reviews, Verdict } from "../api/types";
import { count, momentOfMs, texts } from "../i18n";
import { session } from "../session";
import { Icon } from "../ui/icon";
import { LeftOut } from "../ui/left-out";
import { useLoad } from "../ui/load";
import { ProblemNote } from "../ui/problem";
import { busy } from "./acting";
import type { AlertList } from "./alert-list";
import { hiding } from "./hide-dialog";
import { type Act, draft, review } from "./review";

const VERDICTS: readonly (readonly [Verdict, string])[] = [
  ["risk", "R"],
  ["no_risk", "N"],
  ["unsure", "S"],
];

export function ReviewPane({ list, alert }: { list: AlertList; alert: Alert }) {
  const { alerts, labels } = texts.value;
  const { answer } = useReviews(alert);
  const standing = (answer?.reviews ?? []).filter((each) => each.stands);
  const own = standing.find((each) => each.deed === "said" && each.account === session.value?.name);
  const isBusy = busy.value.has(alert.user);
  const act = (wanted: Act) => () => void review(list, alert, wanted);
  return (
    <section class="review" aria-label={alerts.review}>
      <Opinions alert={alert} standing={standing} />
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
            {labels[verdict]} <kbd>{key}</kbd>
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
          onClick={
            alert.is_hidden
              ? act({ kind: "unhide" })
              : () => {
                  hiding.value = alert;
                }
          }
        >
          <Icon name="hide" /> {alert.is_hidden ? alerts.unhide : alerts.hide} <kbd>H</kbd>
        </button>
        {alert.shelf === "disputed" && !own && <Settle act={act} />}
      </div>
      <Why user={alert.user} own={own} />
      <ReviewHistory alert={alert} />
    </section>
  );
}

/** The reviews of a case, again whenever there is one more. */
function useReviews(alert: Alert) {
  const loaded = useLoad<Reviews>(path("alerts", alert.user, "reviews"));
  const { reload } = loaded;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time there is another review
  useEffect(reload, [reload, alert.review_version]);
  return loaded;
}

function Opinions({ alert, standing }: { alert: Alert; standing: readonly Review[] }) {
  const { alerts, labels } = texts.value;
  const said = standing.filter((each) => each.deed !== "showed");
  if (alert.shelf === null && !alert.is_hidden) return <p class="review-state">{alerts.notLabelled}</p>;
  return (
    <ul class="review-state">
      {said.map((each) => (
        <li key={each.number}>
          <strong>{each.deed === "hid" ? alerts.hidden : labels[each.verdict ?? "none"]}</strong>
          {each.deed === "settled" && ` ${alerts.settled}`},{" "}
          {alerts.by(each.account || alerts.somebody, momentOfMs(each.at_ms))}
          {each.confidence !== null && ` · ${alerts.sure(count(each.confidence))}`}
          {(each.reason || each.note) && (
            <span class="review-note" dir="auto">
              {[each.reason, each.note].filter(Boolean).join(": ")}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function Settle({ act }: { act: (wanted: Act) => () => void }) {
  const { alerts, labels } = texts.value;
  return (["risk", "no_risk"] as const).map((label) => (
    <button key={label} type="button" class="button" onClick={act({ kind: "settle", label })}>
      <Icon name="check" /> {alerts.settle(labels[label])}
    </button>
  ));
}

/** How sure, and why: kept beside the person it is about until a verdict takes it along. */
function Why({ user, own }: { user: string; own: Review | undefined }) {
  const { alerts } = texts.value;
  const id = useId();
  const written = draft.value?.user === user ? draft.value : null;
  const { confidence, note } = written ?? { confidence: own?.confidence ?? null, note: own?.note ?? "" };
  const write = (change: { confidence?: number | null; note?: string }) => {
    draft.value = { user, confidence, note, ...change };
  };
  return (
    <details class="review-why">
      <summary>{alerts.why}</summary>
      <div class="form">
        <div class="field">
          <label for={`${id}-sure`}>{alerts.howSure}</label>
          <select
            id={`${id}-sure`}
            value={confidence ?? ""}
            onChange={(event) => write({ confidence: Number(event.currentTarget.value) || null })}
          >
            <option value="">–</option>
            {[1, 2, 3, 4, 5].map((each) => (
              <option key={each} value={each}>
                {alerts.sure(count(each))}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for={`${id}-note`}>{alerts.note}</label>
          <textarea
            id={`${id}-note`}
            rows={3}
            maxlength={4000}
            value={note}
            onInput={(event) => write({ note: event.currentTarget.value })}
          />
          <small class="quiet">{alerts.noteHint}</small>
        </div>
      </div>
    </details>
  );
}

function ReviewHistory({ alert }: { alert: Alert }) {
  const { alerts } = texts.value;
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{alerts.history}</summary>
      {isOpen && <Acts key={alert.changed_ms} user={alert.user} />}
    </details>
  );
}

function Acts({ user }: { user: string }) {
  const { alerts, labels, loading } = texts.value;
  const { answer, error, reload } = useLoad<Page<RecordedAct>>(
    withQuery(path("alerts", user, "history"), { limit: 100 }),
  );
  if (error) return <ProblemNote error={error} retry={reload} />;
  if (!answer) return <p class="quiet">{loading}</p>;
  if (answer.items.length + answer.left_out === 0) return <p class="quiet">{alerts.historyEmpty}</p>;
  return (
    <>
      <ol class="acts">
        {answer.items.map((act) => (
          <li key={act.at_ms}>
            <span class="quiet">{momentOfMs(act.at_ms)}</span> <bdi>{act.account}</bdi>{" "}
            {act.action === "label" || act.action === "settle"
              ? alerts.acts[act.action](labels[act.label ?? "none"])
              : alerts.acts[act.action]}
          </li>
        ))}
      </ol>
      <LeftOut number={answer.left_out} />
    </>
  );
}
