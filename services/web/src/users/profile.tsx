/** Everything known of one user. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { addressOf } from "../address";
import { Posts } from "../alerts/posts";
import { Problem, path, withQuery } from "../api/client";
import { listen } from "../api/live";
import type { Probabilities, User } from "../api/types";
import { ProbabilityChart } from "../chart/probability-chart";
import { count, momentOf, momentOfMs, percent, texts } from "../i18n";
import { go } from "../route";
import { may } from "../session";
import { Fact } from "../ui/fact";
import { Icon } from "../ui/icon";
import { useLoad } from "../ui/load";
import { Standing } from "../ui/meter";
import { ProblemNote } from "../ui/problem";
import { TwoColumns } from "../ui/two-columns";
import { ForgetDialog } from "./forget-dialog";

export function Profile({ user }: { user: string }) {
  const { users: words, loading } = texts.value;
  const { answer, error, reload } = useLoad<User>(path("users", user));
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  useEffect(
    () =>
      listen((event) => {
        if (event.type === "forgotten" && event.users.includes(user)) reload();
      }),
    [user, reload],
  );
  return (
    <section class="pane detail-pane" aria-labelledby="user-title">
      <header class="case-bar">
        <div class="case-who">
          <button type="button" class="button-text back" onClick={() => go("users")}>
            <Icon name="back" /> {words.back}
          </button>
          <h2 id="user-title" tabIndex={-1} ref={heading}>
            <bdi>{user}</bdi>
          </h2>
          {answer && <Standing probability={answer.probability} threshold={answer.threshold} />}
        </div>
        {answer && <Acts user={answer} reload={reload} />}
      </header>
      <div class="detail-body">
        {error instanceof Problem && error.status === 404 ? (
          <p class="blank">{words.unknown}</p>
        ) : error ? (
          <ProblemNote error={error} retry={reload} />
        ) : answer ? (
          <TwoColumns
            text={<Posts user={user} freshAt={answer.last_utc} isBlind={answer.is_blind} />}
            summary={texts.value.alerts.beside}
            beside={() => <Known user={answer} />}
          />
        ) : (
          <p class="blank">{loading}</p>
        )}
      </div>
    </section>
  );
}

function Known({ user }: { user: User }) {
  const { users: words, labels } = texts.value;
  return (
    <>
      {user.forget && (
        <p class="note">
          <strong>{user.forget.status === "done" ? words.forgetDone : words.forgetRequested}</strong>{" "}
          {words.forgetBy(user.forget.requested_by, momentOfMs(user.forget.requested_ms))}
        </p>
      )}
      <Course user={user} />
      <dl class="facts">
        <Fact
          name={words.posts}
          value={`${count(user.posts)}: ${words.postsOf(count(user.submissions), count(user.comments))}`}
        />
        <Fact name={words.first} value={momentOf(user.first_utc)} />
        <Fact name={words.last} value={momentOf(user.last_utc)} />
        <Fact name={texts.value.threshold} value={percent(user.threshold)} />
        <Fact name={texts.value.alerts.modelLabel} value={user.model} />
        <Fact name={words.alert} value={user.alert ? labels[user.alert.label ?? "none"] : words.noAlert} />
      </dl>
    </>
  );
}

function Acts({ user, reload }: { user: User; reload: () => void }) {
  const { users: words } = texts.value;
  const isForgetting = useSignal(false);
  return (
    <div class="review-acts">
      {user.alert && (
        <a class="button" href={addressOf("alerts", user.user)}>
          <Icon name="alerts" /> {words.openAlert}
        </a>
      )}
      {may("administrator") && (
        <>
          <a class="button" href={path("users", user.user, "record")} download>
            <Icon name="datasets" /> {words.record}
          </a>
          <a class="button" href={addressOf("audit", user.user)}>
            <Icon name="audit" /> {words.looks}
          </a>
          {user.forget === null && (
            <button type="button" class="button button-grave" onClick={() => (isForgetting.value = true)}>
              {words.forget}
            </button>
          )}
        </>
      )}
      {isForgetting.value && (
        <ForgetDialog user={user.user} close={() => (isForgetting.value = false)} done={reload} />
      )}
    </div>
  );
}

function Course({ user }: { user: User }) {
  const { chart, loading } = texts.value;
  const course = withQuery(path("users", user.user, "probabilities"), { points: 1000 });
  const { answer, error, reload } = useLoad<Probabilities>(user.is_blind ? null : course);
  return (
    <section class="course-chart" aria-label={chart.of(user.user)}>
      <header class="section-head">
        <h3>{chart.title}</h3>
      </header>
      {user.is_blind ? (
        <p class="quiet">{chart.blind}</p>
      ) : error ? (
        <ProblemNote error={error} retry={reload} />
      ) : answer ? (
        <ProbabilityChart history={answer} />
      ) : (
        <p class="blank">{loading}</p>
      )}
    </section>
  );
}
