/** The right half: one alert, why it was raised, and the reviewer's answer. */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { addressOf } from "../address";
import { Problem, path, withQuery } from "../api/client";
import { listen } from "../api/live";
import type { Alert, Probabilities } from "../api/types";
import { withLatest } from "../chart/points";
import { ProbabilityChart } from "../chart/probability-chart";
import { count, momentOf, momentOfMs, percent, texts } from "../i18n";
import { go } from "../route";
import { session } from "../session";
import { Fact } from "../ui/fact";
import { Icon } from "../ui/icon";
import { useLoad } from "../ui/load";
import { Standing } from "../ui/meter";
import { ProblemNote } from "../ui/problem";
import { TwoColumns } from "../ui/two-columns";
import type { AlertList } from "./alert-list";
import { useLease } from "./lease";
import { Meaning } from "./meaning";
import { Posts } from "./posts";
import { Reason } from "./reason";
import { ReviewActs } from "./review-acts";
import { ReviewPane, useReviews } from "./review-pane";
import { SkipChoice } from "./skip-choice";
import { WordShares } from "./word-shares";

export function DetailPane({ list, user }: { list: AlertList; user: string }) {
  const alert = useAlert(list, user);
  const { answer } = alert;
  // Before it is painted: what can be seen can be acted on by a key.
  useLayoutEffect(() => {
    list.open(answer ?? null);
  }, [list, answer]);
  const heading = useHeadingFocus(user);
  const { standing, own } = useReviews(user, answer?.review_version);
  useLease(user, answer !== undefined);
  const { alerts, loading } = texts.value;
  return (
    <section class="pane detail-pane" aria-labelledby="alert-title">
      <header class="case-bar">
        <div class="case-who">
          <button type="button" class="button-text back" onClick={() => go("alerts")}>
            <Icon name="back" /> {alerts.back}
          </button>
          <h2 id="alert-title" tabIndex={-1} ref={heading}>
            <bdi>{user}</bdi>
          </h2>
          {answer && <Standing probability={answer.probability} threshold={answer.threshold} />}
          {answer && <Colleague alert={answer} />}
        </div>
        {answer && <ReviewActs list={list} alert={answer} own={own} />}
      </header>
      <div class="detail-body">
        {answer ? (
          <>
            {answer.is_blind && <p class="note blind-note">{alerts.blind}</p>}
            <Reason alert={answer} />
            <TwoColumns
              text={<Posts user={user} freshAt={answer.updated_utc} isBlind={answer.is_blind} />}
              summary={alerts.beside}
              beside={() => (
                <>
                  <ReviewPane list={list} alert={answer} standing={standing} own={own} />
                  <SkipChoice list={list} user={user} />
                  <Course user={user} alert={answer} />
                  <Meaning alert={answer} />
                  <WordShares alert={answer} />
                  <Facts alert={answer} />
                  <p class="quiet">{texts.value.posts.legend}</p>
                </>
              )}
            />
          </>
        ) : (
          <Missing user={user} alert={alert} isLoading={!alert.error} loading={loading} />
        )}
      </div>
    </section>
  );
}

/** Who else works on it. */
function Colleague({ alert }: { alert: Alert }) {
  const { leased_by } = alert;
  if (leased_by === null || leased_by === session.value?.name) return null;
  return <span class="tag colleague">{texts.value.alerts.atWork(leased_by)}</span>;
}

interface MissingProps {
  user: string;
  alert: { error: unknown; reload: () => void };
  isLoading: boolean;
  loading: string;
}

/** What is there in place of an alert. Of somebody who has none, more may be known. */
function Missing({ user, alert, isLoading, loading }: MissingProps) {
  const { alerts } = texts.value;
  if (isLoading) return <p class="blank">{loading}</p>;
  if (!(alert.error instanceof Problem && alert.error.status === 404)) {
    return <ProblemNote error={alert.error} retry={alert.reload} />;
  }
  return (
    <div class="blank">
      <p>{alerts.none}</p>
      <a href={addressOf("users", user)}>{alerts.openUser}</a>
    </div>
  );
}

/** The alert as it is now: from the list where it is there, else from the server. */
function useAlert(list: AlertList, user: string) {
  list.revision.value; // Read anew with it.
  const loaded = useLoad<Alert>(path("alerts", user));
  const [heard, setHeard] = useState<Alert | null>(null);
  useEffect(
    () =>
      listen((event) => {
        if (event.type !== "alerts" || list.isPaused.value) return;
        const found = event.alerts.find((each) => each.user === user);
        if (found) setHeard(found);
      }),
    [list, user],
  );
  const candidates = [loaded.answer, heard ?? undefined, list.alert(user)];
  const answer = candidates
    .filter((each): each is Alert => each?.user === user)
    .reduce<Alert | undefined>(
      (best, each) => (best && best.changed_ms > each.changed_ms ? best : each),
      undefined,
    );
  return { answer, error: answer ? undefined : loaded.error, reload: loaded.reload };
}

/** Move the focus to the title when an alert opens by something that is gone now, never out of the list. */
function useHeadingFocus(user: string) {
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time another user opens
  useEffect(() => {
    const focused = document.activeElement;
    const isInList = focused?.closest(".list-pane") && getComputedStyle(focused).visibility !== "hidden";
    const isListShown = document.querySelector(".list-pane")?.checkVisibility() ?? false;
    if (!isInList || !isListShown) heading.current?.focus({ preventScroll: true });
    heading.current?.closest(".detail-pane")?.scrollTo({ top: 0 });
  }, [user]);
  return heading;
}

function Facts({ alert }: { alert: Alert }) {
  const { alerts, threshold } = texts.value;
  return (
    <dl class="facts">
      <Fact name={alerts.raisedAt} value={momentOfMs(alert.raised_ms)} />
      <Fact name={alerts.openedAt} value={momentOf(alert.opened_utc)} />
      <Fact name={alerts.openedAfterLabel} value={count(alert.opened_after)} />
      <Fact name={alerts.postsSinceLabel} value={count(alert.posts_since)} />
      {alert.peak_probability !== null && <Fact name={alerts.peak} value={percent(alert.peak_probability)} />}
      <Fact name={threshold} value={percent(alert.threshold)} />
      <Fact name={alerts.latestPost} value={momentOf(alert.updated_utc)} />
      <Fact name={alerts.changedAt} value={momentOfMs(alert.changed_ms)} />
      <Fact name={alerts.modelLabel} value={alert.model} />
    </dl>
  );
}

/** How the probability went, where it may be seen. */
function Course({ user, alert }: { user: string; alert: Alert }) {
  const { chart, alerts, loading } = texts.value;
  const course = withQuery(path("users", user, "probabilities"), { points: 1000 });
  const { answer, error, reload } = useLoad<Probabilities>(alert.is_blind ? null : course);
  const [kept, setKept] = useState<Probabilities | null>(null);
  useEffect(() => setKept(answer ?? null), [answer]);
  useEffect(() => setKept((history) => history && withLatest(history, alert)), [alert]);
  const shown = useMemo(() => (kept?.user === user ? kept : answer), [kept, answer, user]);
  return (
    <section class="course-chart" aria-label={chart.of(user)}>
      <header class="section-head">
        <h3>{chart.title}</h3>
        <a class="button-text" href={addressOf("users", user)}>
          <Icon name="users" /> {alerts.openUser}
        </a>
      </header>
      {alert.is_blind ? (
        <p class="quiet">{chart.blind}</p>
      ) : error ? (
        <ProblemNote error={error} retry={reload} />
      ) : shown ? (
        <ProbabilityChart history={shown} />
      ) : (
        <p class="blank">{loading}</p>
      )}
    </section>
  );
}
