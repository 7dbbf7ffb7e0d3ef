/** The posts that were found, the most probable first, each under a pseudonym and with its words marked. */

import { useEffect } from "preact/hooks";
import { Marked } from "../alerts/post";
import { path } from "../api/client";
import type { Topic, TopicPost } from "../api/types";
import { momentOf, texts } from "../i18n";
import { Meter } from "../ui/meter";
import { PagesEnd, usePages } from "../ui/pages";
import { beginning, visible } from "../ui/shown-text";
import { languageName, placeName } from "./names";
import { addressWith, type Wish } from "./wish";

const PAGE = 50;
const LONGEST = 3000;

export function Posts({ topic, wish }: { topic: Topic; wish: Wish }) {
  const { topics: words } = texts.value;
  const reading = usePages<TopicPost>(addressWith(path("topics", topic.id, "posts"), wish, { limit: PAGE }));
  const { items, reload } = reading;
  const isShort = items.length < PAGE;
  // biome-ignore lint/correctness/useExhaustiveDependencies: read anew as more is judged, as long as it is short
  useEffect(() => {
    if (isShort) reload();
  }, [topic.judged, reload]);
  return (
    <section class="pane topic-posts" aria-labelledby="topic-posts-title">
      <header class="section-head">
        <h3 id="topic-posts-title">{words.posts}</h3>
        <span class="quiet">{words.mostProbableFirst}</span>
        <button type="button" class="button" onClick={reading.reload}>
          {words.readAgain}
        </button>
      </header>
      <ol aria-label={words.posts}>
        {reading.items.map((post) => (
          <li key={post.id}>
            <Post post={post} />
          </li>
        ))}
      </ol>
      <PagesEnd reading={reading} empty={words.noPosts} />
    </section>
  );
}

function Post({ post }: { post: TopicPost }) {
  const { topics: words } = texts.value;
  const text = visible(beginning(post.body, LONGEST));
  return (
    <article class="topic-post" data-label={post.label}>
      <div class="post-text">
        {post.title && (
          <p class="written written-title" dir="auto">
            <Marked text={visible(post.title)} words={post.words} />
          </p>
        )}
        {text && (
          <p class="written" dir="auto">
            <Marked text={text} words={post.words} />
          </p>
        )}
        <p class="post-facts">
          <span class="tag topic-label" data-label={post.label}>
            {words.labels[post.label]}
          </span>
          <code>{post.author}</code>
          <span>{momentOf(post.created_utc)}</span>
          <span>{words.sourceNames[post.source]}</span>
          <span>{languageName(post.language, words.unknownLanguage)}</span>
          <span title={post.stated ? words.stated(visible(post.stated)) : undefined}>
            {placeName(post.place, words.unknownPlace)}
          </span>
        </p>
      </div>
      <p class="post-score" title={words.probability}>
        <span class="unseen">{words.probability}</span>{" "}
        <Meter probability={post.probability} threshold={post.threshold} />
      </p>
    </article>
  );
}
