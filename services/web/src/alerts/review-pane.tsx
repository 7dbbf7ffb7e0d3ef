/** What was said of a case, by whom, and what one says oneself. */

import { useEffect, useId, useState } from "preact/hooks";
import { path, withQuery } from "../api/client";
import type { Again, Alert, Page, Act as RecordedAct, Review, Reviews } from "../api/types";
import { count, day, momentOfMs, percent, texts } from "../i18n";
import { session } from "../session";
import { Icon } from "../ui/icon";
import { LeftOut } from "../ui/left-out";
import { useLoad } from "../ui/load";
import { ProblemNote } from "../ui/problem";
import type { AlertList } from "./alert-list";
import { type Draft, draft, review } from "./review";

interface PaneProps {
  list: AlertList;
  alert: Alert;
  standing: readonly Review[];
  own: Review | undefined;
}

export function ReviewPane({ list, alert, standing, own }: PaneProps) {
  const { alerts } = texts.value;
  return (
    <section class="review" aria-label={alerts.review}>
      {(alert.is_alone || alert.is_done) && <Independent alert={alert} />}
      {alert.again && <Back again={alert.again} alert={alert} />}
      {!alert.is_alone && <Opinions standing={standing} />}
      {alert.snoozed_ms !== null && (
        <p class="review-state">{alerts.snoozedUntil(day(alert.snoozed_ms / 1000))}</p>
      )}
      {alert.shelf === "disputed" && !own && <Settle list={list} alert={alert} />}
      <Why user={alert.user} own={own} />
      {!alert.is_alone && <ReviewHistory alert={alert} />}
    </section>
  );
}

/** What stands of the reviews of a case, loaded again whenever there is one more; and what oneself says. */
export function useReviews(user: string, version: number | undefined) {
  const { answer, reload } = useLoad<Reviews>(path("alerts", user, "reviews"));
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time there is another review
  useEffect(reload, [reload, version]);
  const standing = (answer?.reviews ?? []).filter((each) => each.stands);
  const own = standing.find((each) => each.deed === "said" && each.account === session.value?.name);
  return { standing, own };
}

/** That several judge the case, none knowing what the others found, and how many have. */
function Independent({ alert }: { alert: Alert }) {
  const { alerts } = texts.value;
  const [done, asked] = [count(alert.opinions), count(session.value?.opinions ?? 1)];
  return <p class="note">{(alert.is_alone ? alerts.alone : alerts.waitsForOthers)(done, asked)}</p>;
}

/** That it has come back, and what has changed since it was reviewed. */
function Back({ again, alert }: { again: Again; alert: Alert }) {
  const { alerts } = texts.value;
  const then = again.probability === null ? null : percent(again.probability);
  const now = alert.probability === null ? null : percent(alert.probability);
  return (
    <p class="note">
      <strong>{alerts.backSince(momentOfMs(again.at_ms))}</strong> {again.why && alerts.backWhy[again.why]}
      {then && now && ` ${alerts.thenNow(then, now)}`}
    </p>
  );
}

function Opinions({ standing }: { standing: readonly Review[] }) {
  const { alerts, labels } = texts.value;
  const said = standing.filter((each) => each.deed !== "showed");
  if (said.length === 0) return <p class="review-state">{alerts.notLabelled}</p>;
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

function Settle({ list, alert }: { list: AlertList; alert: Alert }) {
  const { alerts, labels } = texts.value;
  return (
    <p class="settle">
      {(["risk", "no_risk"] as const).map((label) => (
        <button
          key={label}
          type="button"
          class="button"
          onClick={() => void review(list, alert, { kind: "settle", label })}
        >
          <Icon name="check" /> {alerts.settle(labels[label])}
        </button>
      ))}
    </p>
  );
}

/** How sure, and why: kept beside the person it is about until a verdict takes it along. */
function Why({ user, own }: { user: string; own: Review | undefined }) {
  const { alerts } = texts.value;
  const id = useId();
  const written = draft.value?.user === user ? draft.value : null;
  const said = { confidence: own?.confidence ?? null, note: own?.note ?? "", snoozed_ms: null };
  const { confidence, note, snoozed_ms } = written ?? said;
  const write = (change: Partial<Omit<Draft, "user">>) => {
    draft.value = { user, confidence, note, snoozed_ms, ...change };
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
        <div class="field">
          <label for={`${id}-again`}>{alerts.snooze}</label>
          <input
            id={`${id}-again`}
            type="date"
            max="9999-12-31"
            value={snoozed_ms === null ? "" : new Date(snoozed_ms).toISOString().slice(0, 10)}
            onChange={(event) => write({ snoozed_ms: Date.parse(event.currentTarget.value) || null })}
          />
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
