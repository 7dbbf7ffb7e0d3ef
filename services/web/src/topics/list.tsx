/** All searches, with how far each is. */

import { addressOf } from "../address";
import type { Topic } from "../api/types";
import { count, texts } from "../i18n";
import { visible } from "../ui/shown-text";

export function TopicItems({ topics, open }: { topics: readonly Topic[]; open: string | null }) {
  const { topics: words } = texts.value;
  if (topics.length === 0) return <p class="blank">{words.noTopics}</p>;
  return (
    <ul class="user-list topic-list" aria-label={words.all}>
      {topics.map((topic) => (
        <li key={topic.id}>
          <a href={addressOf("topics", topic.id)} aria-current={topic.id === open ? "true" : undefined}>
            <span class="row-name">
              <bdi>{visible(topic.query)}</bdi>
              {topic.is_watch && <span class="tag">{words.watch}</span>}
            </span>
            <span class="row-facts">
              <span>{words.states[topic.state]}</span>
              <span>{words.judgedPosts(count(topic.judged), topic.judged === 1)}</span>
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

/** How far a search is, of what it looks for. */
export function Progress({ topic }: { topic: Topic }) {
  const { topics: words } = texts.value;
  const most = topic.state === "done" ? Math.max(topic.found, 1) : topic.most;
  return (
    <div class="topic-progress">
      <label>
        <span>{words.states[topic.state]}</span>
        <progress max={most} value={Math.min(topic.found, most)} />
        <span class="quiet">{words.foundOf(count(topic.found), count(topic.most), count(topic.judged))}</span>
      </label>
      <ul class="row-facts">
        {topic.sources.map((source) => (
          <li key={source.name}>
            {words.sourceNames[source.name]}: {count(source.found)}
            {source.is_done && <span class="quiet"> {words.through}</span>}
            {source.problem && <span class="topic-problem"> {words.waits(source.problem)}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
