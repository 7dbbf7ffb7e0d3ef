/** One post as its author wrote it: text only, with the words that contribute marked. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Contribution, Post } from "../api/types";
import { count, exactPercent, momentOf, term, texts } from "../i18n";
import { Icon } from "../ui/icon";
import { Meter } from "../ui/meter";
import { beginning, sourceAddress, visible } from "../ui/shown-text";
import { bySign, markWords } from "./words";

const SHOWN_AT_FIRST = 2000;

/** `isWanted`: somebody has asked for this very post, which comes into sight and takes the focus. */
export function PostCard({ post, isWanted = false }: { post: Post; isWanted?: boolean }) {
  const { posts } = texts.value;
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!isWanted) return;
    card.current?.scrollIntoView({ block: "center" });
    card.current?.focus({ preventScroll: true });
  }, [isWanted]);
  const source = sourceAddress(post.permalink);
  return (
    <article
      ref={card}
      class={post.is_trigger ? "post post-trigger" : "post"}
      data-post={post.id}
      data-wanted={isWanted}
      tabIndex={isWanted ? -1 : undefined}
    >
      <header class="post-head">
        <p class="post-facts">
          <span>{post.kind === "submission" ? posts.submission : posts.comment}</span>
          {post.subreddit && <bdi>{visible(post.subreddit)}</bdi>}
          <span>{momentOf(post.created_utc)}</span>
          {post.is_trigger && (
            <span class="post-mark">
              <Icon name="marker" /> {posts.trigger}
            </span>
          )}
          {source && (
            <a href={source} target="_blank" rel="noopener noreferrer">
              {posts.source} <Icon name="source" />
            </a>
          )}
        </p>
        <Scores post={post} />
      </header>
      {post.title && <Written text={post.title} words={post.words} isTitle />}
      {post.body && <Written text={post.body} words={post.words} />}
      <Words words={post.words} isScored={post.post_probability !== null} />
    </article>
  );
}

function Scores({ post }: { post: Post }) {
  const { posts } = texts.value;
  if (post.post_probability === null) return <p class="quiet">{posts.notScored}</p>;
  return (
    <dl class="post-scores">
      <div>
        <dt>{posts.own}</dt>
        <dd>
          <Meter probability={post.post_probability} />
        </dd>
      </div>
      {post.user_probability !== null && (
        <div>
          <dt>{posts.userAfter}</dt>
          <dd>{exactPercent(post.user_probability)}</dd>
        </div>
      )}
    </dl>
  );
}

function Written({ text, words, isTitle }: { text: string; words: Contribution[]; isTitle?: boolean }) {
  const { posts } = texts.value;
  const isWhole = useSignal(false);
  const isLong = text.length > SHOWN_AT_FIRST * 1.5;
  const shown = visible(isLong && !isWhole.value ? beginning(text, SHOWN_AT_FIRST) : text);
  return (
    <>
      <p class={isTitle ? "written written-title" : "written"} dir="auto">
        {markWords(shown, words).map((piece, index) =>
          piece.adds === null ? (
            piece.text
          ) : (
            <mark key={index} class={piece.adds > 0 ? "raises" : "lowers"} title={term(piece.adds)}>
              {piece.text}
            </mark>
          ),
        )}
      </p>
      {isLong && (
        <p class="written-more">
          {!isWhole.value && (
            <span class="quiet">{posts.long(count(SHOWN_AT_FIRST), count(text.length))}</span>
          )}
          <button
            type="button"
            class="button-text"
            onClick={() => {
              isWhole.value = !isWhole.value;
            }}
          >
            {isWhole.value ? posts.showLess : posts.showAll}
          </button>
        </p>
      )}
    </>
  );
}

function Words({ words, isScored }: { words: Contribution[]; isScored: boolean }) {
  const { posts } = texts.value;
  if (words.length === 0) return isScored ? <p class="quiet">{posts.noWords}</p> : null;
  const { raising, lowering } = bySign(words);
  return (
    <dl class="words" aria-label={posts.words}>
      {raising.length > 0 && <WordRow name={posts.raises} words={raising} kind="raises" />}
      {lowering.length > 0 && <WordRow name={posts.lowers} words={lowering} kind="lowers" />}
    </dl>
  );
}

function WordRow({ name, words, kind }: { name: string; words: Contribution[]; kind: "raises" | "lowers" }) {
  return (
    <div>
      <dt>
        <Icon name={kind === "raises" ? "up" : "down"} /> {name}
      </dt>
      <dd>
        {words.map(([word, adds]) => (
          <span key={word} class={`word ${kind}`}>
            <bdi>{word}</bdi> <span class="word-term">{term(adds)}</span>
          </span>
        ))}
      </dd>
    </div>
  );
}
