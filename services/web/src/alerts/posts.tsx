/** A user's posts: the most telling first, more as one reads on. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { path, withQuery } from "../api/client";
import type { Post } from "../api/types";
import { texts } from "../i18n";
import { PagesEnd, usePages } from "../ui/pages";
import { Segmented } from "../ui/segmented";
import { PostCard } from "./post";

type Sort = "probability" | "recent";
type Kind = "all" | Post["kind"];

const PAGE = 20;

/** `freshAt` grows when the user has written since: then posts can be loaded again. */
export function Posts({ user, freshAt }: { user: string; freshAt: number }) {
  const { posts } = texts.value;
  const sort = useSignal<Sort>("probability");
  const kind = useSignal<Kind>("all");
  const query = { sort: sort.value, kind: kind.value === "all" ? null : kind.value, limit: PAGE };
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
        <PostCard key={post.id} post={post} />
      ))}
      <PagesEnd reading={reading} empty={posts.empty} />
    </section>
  );
}
