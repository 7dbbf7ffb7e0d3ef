/** A user's posts: the most telling first, more as one reads on. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { path, withQuery } from "../api/client";
import type { Post } from "../api/types";
import { day, texts } from "../i18n";
import { Icon } from "../ui/icon";
import { PagesEnd, usePages } from "../ui/pages";
import { Segmented } from "../ui/segmented";
import { type PostPlace, readFrom, wanted } from "./place-in-posts";
import { PostCard } from "./post";

type Sort = "probability" | "recent";
type Kind = "all" | Post["kind"];

const PAGE = 20;

/** `freshAt` grows when the user has written since: then posts can be loaded again. */
export function Posts({ user, freshAt }: { user: string; freshAt: number }) {
  const { posts } = texts.value;
  const sort = useSignal<Sort>("probability");
  const kind = useSignal<Kind>("all");
  const place = wanted.value?.user === user ? wanted.value : null;
  useEffect(() => () => readFrom(null), []);
  useEffect(() => {
    if (place) sort.value = "recent";
  }, [place, sort]);
  const until_utc = place && sort.value === "recent" ? place.utc : null;
  const query = { sort: sort.value, kind: kind.value === "all" ? null : kind.value, until_utc, limit: PAGE };
  const address = withQuery(path("users", user, "posts"), query);
  const reading = usePages<Post>(address);
  const readAt = useSignal(freshAt);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is fresh is loaded when it is asked for
  useEffect(() => {
    readAt.value = freshAt;
  }, [address]);
  return (
    <section class="posts" aria-labelledby="posts-title">
      <header class="section-head">
        <h3 id="posts-title">{posts.title}</h3>
        <Segmented
          legend={posts.title}
          name="post-sort"
          chosen={sort.value}
          choose={(choice) => {
            readFrom(null);
            sort.value = choice;
          }}
          choices={[
            ["probability", posts.byProbability],
            ["recent", posts.recent],
          ]}
        />
        <Segmented
          legend={posts.kind}
          name="post-kind"
          chosen={kind.value}
          choose={(choice) => {
            kind.value = choice;
          }}
          choices={[
            ["all", posts.all],
            ["submission", posts.submissions],
            ["comment", posts.comments],
          ]}
        />
      </header>
      <Jump user={user} place={place} />
      <p class="quiet">{posts.legend}</p>
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
      {reading.items.map((post) => (
        <PostCard key={post.id} post={post} isWanted={place !== null && post.id === place.post} />
      ))}
      <PagesEnd reading={reading} empty={posts.empty} />
    </section>
  );
}

const A_DAY_S = 86_400;

/** Read from a date on back, and return to the newest. */
function Jump({ user, place }: { user: string; place: PostPlace | null }) {
  const { posts } = texts.value;
  const jump = (date: string) => {
    const ms = Date.parse(date);
    if (!Number.isNaN(ms)) readFrom({ user, utc: Math.max(0, ms / 1000 + A_DAY_S - 1), post: null });
  };
  return (
    <p class="posts-jump">
      <label>
        {posts.fromDate}{" "}
        <input type="date" max="9999-12-31" onChange={(event) => jump(event.currentTarget.value)} />
      </label>
      {place && (
        <>
          <span class="quiet">{posts.shownUntil(day(place.utc))}</span>
          <button type="button" class="button-text" onClick={() => readFrom(null)}>
            <Icon name="up" /> {posts.fromNewest}
          </button>
        </>
      )}
    </p>
  );
}
