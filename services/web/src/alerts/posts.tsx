/** What somebody has written, read like a conversation: by time or the most telling first, more as one reads on. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { path, withQuery } from "../api/client";
import type { Post } from "../api/types";
import { monthOf, texts } from "../i18n";
import { PagesEnd, type Reading, usePages } from "../ui/pages";
import { Stretches } from "../ui/stretches";
import { type PostPlace, readFrom, wanted } from "./place-in-posts";
import { PostItem } from "./post";
import { FIRST, PostsBar, type PostsChoice } from "./posts-bar";

const PAGE = 20;

interface PostsProps {
  user: string;
  /** Grows when the user has written since: then posts can be loaded again. */
  freshAt: number;
  /** Whether scores are kept from who reads: then posts come by time alone. */
  isBlind: boolean;
}

export function Posts({ user, freshAt, isBlind }: PostsProps) {
  const { posts } = texts.value;
  const chosen = useSignal<PostsChoice>(FIRST);
  const place = wanted.value?.user === user ? wanted.value : null;
  useEffect(() => () => readFrom(null), []);
  useEffect(() => {
    // Whatever else was chosen, it must not leave out the post that somebody wants to see.
    if (place) chosen.value = { ...FIRST, sort: "recent" };
  }, [place, chosen]);
  const choice =
    isBlind && chosen.value.sort === "probability"
      ? { ...chosen.value, sort: "recent" as const }
      : chosen.value;
  const address = addressOfPosts(user, choice, place);
  const reading = usePages<Post>(address);
  useReadUntilFound(reading, place);
  useReadAnew(reading, isBlind);
  const readAt = useSignal(freshAt);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is fresh is loaded when it is asked for
  useEffect(() => {
    readAt.value = freshAt;
  }, [address]);
  const isByTime = choice.sort !== "probability";
  return (
    <section class="posts" aria-label={posts.title}>
      <PostsBar
        choice={choice}
        place={place}
        isBlind={isBlind}
        choose={(change) => {
          // From a place one reads back or on: it stays where only the direction is another one.
          if (change.sort === undefined || change.sort === "probability") readFrom(null);
          chosen.value = { ...choice, ...change };
        }}
        jump={(utc) => readFrom({ user, utc, post: null })}
      />
      {!reading.isLoading && freshAt > readAt.value && (
        <button
          type="button"
          class="fresh"
          onClick={() => {
            readAt.value = freshAt;
            reading.reload();
          }}
        >
          {posts.fresh}
        </button>
      )}
      <Stretches
        items={reading.items}
        keyOf={(post) => post.id}
        kept={place?.post ?? null}
        item={(post, before) => (
          <PostItem
            key={post.id}
            post={post}
            isByTime={isByTime}
            month={isByTime ? newMonth(post, before) : null}
            isBlind={isBlind}
            apartFrom={isByTime && choice.find === "" ? null : user}
            wanted={post.id === place?.post ? place : null}
          />
        )}
      />
      <PagesEnd reading={reading} empty={choice.find === "" ? posts.empty : posts.notFound} />
    </section>
  );
}

function addressOfPosts(user: string, { sort, kind, find }: PostsChoice, place: PostPlace | null): string {
  const until_utc = place && sort === "recent" ? place.utc : null;
  const from_utc = place && sort === "oldest" ? place.utc : null;
  const of = { kind: kind === "all" ? null : kind, find: find || null };
  const query = { sort, ...of, until_utc, from_utc, limit: PAGE };
  return withQuery(path("users", user, "posts"), query);
}

/** Many may have been written at one time: read on until the one that is wanted is there. */
function useReadUntilFound(
  { items, hasMore, isLoading, error, loadMore }: Reading<Post>,
  place: PostPlace | null,
): void {
  useEffect(() => {
    if (!place?.post || isLoading || error || !hasMore) return;
    const isThere = items.some((each) => each.id === place.post);
    if (!isThere && items.at(-1)?.created_utc === place.utc) loadMore();
  }, [items, hasMore, isLoading, error, loadMore, place]);
}

/** After the first look there are scores: what was read without them is read again. */
function useReadAnew({ reload }: Reading<Post>, isBlind: boolean): void {
  const was = useRef(isBlind);
  useEffect(() => {
    if (was.current && !isBlind) reload();
    was.current = isBlind;
  }, [isBlind, reload]);
}

/** The name of a post's month, if the post before it is of another one. */
function newMonth(post: Post, before: Post | undefined): string | null {
  const month = monthOf(post.created_utc);
  return before !== undefined && monthOf(before.created_utc) === month ? null : month;
}
