/** One post as its author wrote it: text only, with the words that contribute marked. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Contribution, Post } from "../api/types";
import { count, day, dayMonth, momentOf, percent, term, texts, timeOf } from "../i18n";
import { Icon } from "../ui/icon";
import { Meter } from "../ui/meter";
import { beginning, linksIn, plain, sourceAddress, threadAddress, visible } from "../ui/shown-text";
import { type PostPlace, readFrom } from "./place-in-posts";
import { bySign, markWords, quotedParts } from "./words";

const SHOWN_AT_FIRST = 2000;
const MOST_WORDS = 5;

interface PostProps {
  post: Post;
  /** Whether posts come by time: then months stand between them, else each has its year. */
  isByTime: boolean;
  /** The month that begins with it, to be told above it. */
  month: string | null;
  isBlind: boolean;
  /** Whose it is, where what was written before it is not beside it. */
  apartFrom: string | null;
  /** Set where somebody has asked for this very post: it comes into sight and takes the focus, each time. */
  wanted: PostPlace | null;
}

export function PostItem({ post, isByTime, month, isBlind, apartFrom, wanted }: PostProps) {
  const item = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!wanted) return;
    item.current?.scrollIntoView({ block: "center" });
    item.current?.focus({ preventScroll: true });
  }, [wanted]);
  return (
    <>
      {month && <h4 class="month">{month}</h4>}
      <article
        ref={item}
        class={post.is_trigger ? "post post-trigger" : "post"}
        data-post={post.id}
        data-wanted={wanted !== null}
        tabIndex={wanted ? -1 : undefined}
      >
        <p class="post-when" title={momentOf(post.created_utc)}>
          <span>{isByTime ? dayMonth(post.created_utc) : day(post.created_utc)}</span>{" "}
          <span class="quiet">{timeOf(post.created_utc)}</span>
        </p>
        <div class="post-text">
          {post.title && <Written text={post.title} words={post.words} isTitle />}
          {post.body && <Written text={post.body} words={post.words} />}
          <Links text={`${post.title} ${post.body}`} />
          <PostFacts post={post} apartFrom={apartFrom} />
          {!isBlind && <Words words={post.words} isScored={post.post_probability !== null} />}
        </div>
        {!isBlind && <Score post={post} />}
      </article>
    </>
  );
}

function PostFacts({ post, apartFrom }: { post: Post; apartFrom: string | null }) {
  const { posts } = texts.value;
  const source = sourceAddress(post.permalink);
  const thread = threadAddress(post.permalink);
  return (
    <p class="post-facts">
      <span>{post.kind === "submission" ? posts.submission : posts.comment}</span>
      {post.subreddit && <bdi>{visible(post.subreddit)}</bdi>}
      {post.is_trigger && (
        <span class="post-mark">
          <Icon name="marker" /> {posts.trigger}
        </span>
      )}
      {post.user_probability !== null && (
        <span>
          {posts.userAfter} {percent(post.user_probability)}
        </span>
      )}
      {apartFrom !== null && (
        <button
          type="button"
          class="button-text post-around"
          onClick={() => readFrom({ user: apartFrom, utc: post.created_utc, post: post.id })}
        >
          {posts.around}
        </button>
      )}
      {thread && (
        <a href={thread} target="_blank" rel="noopener noreferrer">
          {posts.thread} <Icon name="source" />
        </a>
      )}
      {source && (
        <a href={source} target="_blank" rel="noopener noreferrer">
          {posts.source} <Icon name="source" />
        </a>
      )}
    </p>
  );
}

/** Where a text leads: asked for, and told what following it gives away, before anything can be followed. */
function Links({ text }: { text: string }) {
  const { posts } = texts.value;
  const isOpen = useSignal(false);
  const links = linksIn(text);
  if (links.length === 0) return null;
  return (
    <details
      class="post-links"
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>{posts.links(count(links.length), links.length === 1)}</summary>
      {isOpen.value && (
        <>
          <p class="quiet">{posts.linksHint}</p>
          <ul>
            {links.map((link) => (
              <li key={link}>
                <a href={link} target="_blank" rel="noopener noreferrer">
                  <bdi>{visible(link)}</bdi>
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </details>
  );
}

function Score({ post }: { post: Post }) {
  const { posts } = texts.value;
  if (post.post_probability === null) return <p class="post-score quiet">{posts.notScored}</p>;
  return (
    <p class="post-score" title={posts.own}>
      <span class="unseen">{posts.own}</span> <Meter probability={post.post_probability} />
    </p>
  );
}

function Written({ text, words, isTitle }: { text: string; words: Contribution[]; isTitle?: boolean }) {
  const { posts } = texts.value;
  const isWhole = useSignal(false);
  const isLong = text.length > SHOWN_AT_FIRST * 1.5;
  const shown = plain(visible(isLong && !isWhole.value ? beginning(text, SHOWN_AT_FIRST) : text));
  return (
    <>
      <p class={isTitle ? "written written-title" : "written"} dir="auto">
        {quotedParts(shown).map((part, index) =>
          part.isQuoted ? (
            <span key={index} class="quoted" title={posts.quoted}>
              {part.text}
            </span>
          ) : (
            <Marked key={index} text={part.text} words={words} />
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

/** Text with the words that contribute marked. */
export function Marked({ text, words }: { text: string; words: Contribution[] }) {
  return (
    <>
      {markWords(text, words).map((piece, index) =>
        piece.adds === null ? (
          piece.text
        ) : (
          <mark key={index} class={piece.adds > 0 ? "raises" : "lowers"} title={term(piece.adds)}>
            {piece.text}
          </mark>
        ),
      )}
    </>
  );
}

/** The words that weigh most, either way; the text itself marks them all. */
function Words({ words, isScored }: { words: Contribution[]; isScored: boolean }) {
  const { posts } = texts.value;
  if (words.length === 0) return isScored ? <p class="post-facts">{posts.noWords}</p> : null;
  const { raising, lowering } = bySign(words);
  const most = [...raising.slice(0, MOST_WORDS), ...lowering.slice(0, MOST_WORDS)];
  return (
    <ul class="words" aria-label={posts.words}>
      {most.map(([word, adds]) => (
        <li
          key={word}
          class={adds > 0 ? "word raises" : "word lowers"}
          title={adds > 0 ? posts.raises : posts.lowers}
        >
          <bdi>{word}</bdi> <span class="word-term">{term(adds)}</span>
        </li>
      ))}
    </ul>
  );
}
