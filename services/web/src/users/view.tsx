/** Users: find somebody, see everything that is known, and have it forgotten. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { addressOf } from "../address";
import { path, withQuery } from "../api/client";
import { listen } from "../api/live";
import type { Page as ApiPage, Forget, UserSummary } from "../api/types";
import { count, momentOfMs, texts } from "../i18n";
import { choose, route } from "../route";
import { may } from "../session";
import { Icon } from "../ui/icon";
import { LeftOut } from "../ui/left-out";
import { useLoad } from "../ui/load";
import { Meter } from "../ui/meter";
import { Page } from "../ui/page";
import { ProblemNote } from "../ui/problem";
import { Profile } from "./profile";

const PAUSE_MS = 200;

export function UsersView() {
  const { views, users: words } = texts.value;
  const { subject } = route.value;
  const prefix = useSignal(route.value.choices?.find ?? "");
  const search = (text: string) => {
    prefix.value = text;
    choose(text === "" ? {} : { find: text });
  };
  const forgotten = useSignal(0);
  useEffect(
    () =>
      listen((event) => {
        if (event.type === "forgotten") forgotten.value += 1;
      }),
    [forgotten],
  );
  return (
    <Page title={views.users} class="users-page">
      <div class="side-by-side" data-open={subject !== null}>
        <section class="pane list-pane" aria-label={words.find}>
          <Search prefix={prefix.value} search={search} />
          <Results key={forgotten.value} prefix={prefix.value} open={subject} />
          {may("administrator") && <Requests key={`requests ${forgotten.value}`} />}
        </section>
        {subject === null ? (
          <section class="pane detail-pane detail-nobody" aria-label={views.users}>
            <div class="blank">
              <p>{words.start}</p>
              <p class="quiet">{words.start2}</p>
            </div>
          </section>
        ) : (
          <Profile key={subject} user={subject} />
        )}
      </div>
    </Page>
  );
}

function Search({ prefix, search }: { prefix: string; search: (prefix: string) => void }) {
  const { users: words } = texts.value;
  const timer = useRef<number | undefined>(undefined);
  const hear = (text: string) => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => search(text), PAUSE_MS);
  };
  return (
    <search class="search">
      <label class="field">
        <span>{words.find}</span>
        <span class="search-field">
          <Icon name="search" />
          <input
            type="search"
            defaultValue={prefix}
            maxlength={64}
            spellcheck={false}
            autocapitalize="none"
            autocomplete="off"
            onInput={(event) => hear(event.currentTarget.value.trim())}
          />
        </span>
        <small class="quiet">{words.findHint}</small>
      </label>
    </search>
  );
}

function Results({ prefix, open }: { prefix: string; open: string | null }) {
  const { users: words, loading } = texts.value;
  const address = prefix === "" ? null : withQuery(path("users"), { prefix, limit: 100 });
  const { answer, error, reload } = useLoad<ApiPage<UserSummary>>(address);
  if (address === null) return null;
  if (error) return <ProblemNote error={error} retry={reload} />;
  if (!answer) return <p class="blank">{loading}</p>;
  return (
    <>
      {answer.items.length === 0 ? (
        <p class="blank">{words.noResults}</p>
      ) : (
        <Found users={answer.items} open={open} />
      )}
      <LeftOut number={answer.left_out} />
    </>
  );
}

function Found({ users, open }: { users: readonly UserSummary[]; open: string | null }) {
  const { users: words } = texts.value;
  return (
    <ul class="user-list" aria-label={words.results}>
      {users.map((user) => (
        <li key={user.user}>
          <a
            href={addressOf("users", user.user, route.value.choices)}
            aria-current={user.user === open ? "true" : undefined}
          >
            <span class="row-name">
              <bdi>{user.user}</bdi>
              {user.has_alert && (
                <span class="tag" data-label={user.label ?? "none"}>
                  {user.label ? texts.value.labels[user.label] : words.alert}
                </span>
              )}
            </span>
            {user.probability !== null && <Meter probability={user.probability} threshold={user.threshold} />}
            <span class="row-facts">
              {count(user.posts)} {words.posts.toLowerCase()}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Requests() {
  const { users: words } = texts.value;
  const { answer } = useLoad<ApiPage<Forget>>(withQuery(path("forget-requests"), { limit: 50 }));
  if (!answer || answer.items.length + answer.left_out === 0) return null;
  return (
    <details class="requests">
      <summary>
        {words.requests} ({count(answer.items.length)})
      </summary>
      <ul class="acts">
        {answer.items.map((request) => (
          <li key={`${request.user} ${request.requested_ms}`}>
            <bdi>{request.user}</bdi>{" "}
            <span class="tag">{request.status === "done" ? words.forgetDone : words.forgetRequested}</span>{" "}
            <span class="quiet">
              {words.forgetBy(request.requested_by, momentOfMs(request.requested_ms))}
            </span>
          </li>
        ))}
      </ul>
      <LeftOut number={answer.left_out} />
    </details>
  );
}
