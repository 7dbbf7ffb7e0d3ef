/** Topics: searches for posts, what a model says of them, and what that comes to. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { path } from "../api/client";
import type { Topic, TopicList } from "../api/types";
import { texts } from "../i18n";
import { choose, go, route } from "../route";
import { LeftOut } from "../ui/left-out";
import { useLoad } from "../ui/load";
import { Page } from "../ui/page";
import { ProblemNote } from "../ui/problem";
import { Detail } from "./detail";
import { TopicItems } from "./list";
import { NewSearch } from "./new-search";

/** So often it is asked how far searches are: while one is on its way, and else. */
const SOON_MS = 1000;
const LATER_MS = 5000;

export function TopicsView() {
  const { views, topics: words, loading } = texts.value;
  const { subject } = route.value;
  const isBeginning = useSignal(false);
  const { answer, error, reload } = useLoad<TopicList>(path("topics"));
  usePolling(answer?.topics ?? [], reload);
  const open = answer?.topics.find((topic) => topic.id === subject);
  return (
    <Page title={views.topics} class="users-page topics-page">
      <div class="side-by-side" data-open={subject !== null}>
        <section class="pane list-pane" aria-label={words.all}>
          <div class="search">
            <button
              type="button"
              class="button button-first button-wide"
              disabled={!answer}
              onClick={() => {
                isBeginning.value = true;
              }}
            >
              {words.begin}
            </button>
            {answer?.sources.length === 0 && <p class="quiet">{words.noSources}</p>}
          </div>
          {error ? (
            <ProblemNote error={error} retry={reload} />
          ) : answer ? (
            <>
              <TopicItems topics={answer.topics} open={subject} />
              <LeftOut number={answer.left_out} />
            </>
          ) : (
            <p class="blank">{loading}</p>
          )}
        </section>
        {open && answer ? (
          <Detail key={open.id} topic={open} topics={answer.topics} reload={reload} />
        ) : (
          <section class="pane detail-pane detail-nobody" aria-label={views.topics}>
            <div class="blank">
              <p>{subject !== null && answer ? words.missing : words.start}</p>
              <p class="quiet">{words.noPrevalence}</p>
            </div>
          </section>
        )}
      </div>
      {isBeginning.value && answer && (
        <NewSearch
          sources={answer.sources}
          close={() => {
            isBeginning.value = false;
          }}
          begun={(topic) => {
            isBeginning.value = false;
            reload();
            choose({});
            go("topics", topic.id);
          }}
        />
      )}
    </Page>
  );
}

/** Ask again and again how far the searches are. */
function usePolling(topics: readonly Topic[], reload: () => void): void {
  const isOnTheWay = topics.some((topic) => topic.state === "running" || topic.state === "waiting");
  useEffect(() => {
    const timer = window.setInterval(reload, isOnTheWay ? SOON_MS : LATER_MS);
    return () => window.clearInterval(timer);
  }, [isOnTheWay, reload]);
}
