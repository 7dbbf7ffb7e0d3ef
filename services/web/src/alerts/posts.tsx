/** A user's posts: the most telling first, more as one reads on. */

import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useRef } from "preact/hooks";
import { get, isAbort, path, withQuery } from "../api/client";
import type { Page, Post } from "../api/types";
import { texts } from "../i18n";
import { ProblemNote } from "../ui/problem";
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
  const reading = usePosts(user, sort.value, kind.value, freshAt);
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
      <p class="quiet legend">{posts.legend}</p>
      {reading.isStale && (
        <button type="button" class="fresh" onClick={reading.reload}>
          {posts.fresh}
        </button>
      )}
      {reading.items.map((post) => (
        <PostCard key={post.id} post={post} />
      ))}
      <End reading={reading} />
    </section>
  );
}

function End({ reading }: { reading: ReturnType<typeof usePosts> }) {
  const { posts, loading, more } = texts.value;
  const sentinel = useRef<HTMLDivElement>(null);
  const { loadMore, hasMore } = reading;
  const read = reading.items.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at anew after each page, which may not fill the screen
  useEffect(() => {
    if (!sentinel.current || !hasMore) return;
    const observer = new IntersectionObserver(
      (seen) => {
        if (seen.some((each) => each.isIntersecting)) loadMore();
      },
      { rootMargin: "600px" },
    );
    observer.observe(sentinel.current);
    return () => observer.disconnect();
  }, [loadMore, hasMore, read]);
  if (reading.error) return <ProblemNote error={reading.error} retry={reading.reload} />;
  if (hasMore) {
    return (
      <div ref={sentinel} class="posts-end">
        <button type="button" class="button" onClick={loadMore}>
          {more}
        </button>
      </div>
    );
  }
  if (reading.isLoading) return <p class="blank">{loading}</p>;
  return <p class="quiet posts-end">{reading.items.length === 0 ? posts.empty : posts.end}</p>;
}

interface Read {
  of: string;
  items: Post[];
  cursor: string | null;
  error: unknown;
  isLoading: boolean;
  freshAt: number;
}

function usePosts(user: string, sort: Sort, kind: Kind, freshAt: number) {
  const of = `${user} ${sort} ${kind}`;
  const start: Read = { of, items: [], cursor: null, error: null, isLoading: true, freshAt };
  const state = useSignal<Read>(start);
  const running = useRef<AbortController | null>(null);

  const load = useCallback(
    async (cursor: string | null) => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      const before = cursor === null ? [] : state.value.items;
      state.value = {
        ...state.value,
        of,
        isLoading: true,
        error: null,
        ...(cursor === null ? { items: [] } : {}),
      };
      const query = { sort, kind: kind === "all" ? null : kind, limit: PAGE, cursor };
      try {
        const page = await get<Page<Post>>(withQuery(path("users", user, "posts"), query), controller.signal);
        const items = [...before, ...page.items];
        state.value = { ...state.value, items, cursor: page.cursor, isLoading: false };
      } catch (error) {
        if (!isAbort(error)) state.value = { ...state.value, error, isLoading: false, cursor: null };
      }
    },
    [of, user, sort, kind, state],
  );
  const reload = useCallback(() => {
    state.value = { ...state.value, freshAt };
    void load(null);
  }, [load, freshAt, state]);
  const loadMore = useCallback(() => {
    if (!state.value.isLoading && state.value.cursor !== null) void load(state.value.cursor);
  }, [load, state]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is fresh is loaded when it is asked for
  useEffect(() => {
    reload();
    return () => running.current?.abort();
  }, [load]);

  const shown = state.value.of === of ? state.value : start;
  return {
    items: shown.items,
    error: shown.error,
    isLoading: shown.isLoading,
    hasMore: shown.cursor !== null,
    isStale: !shown.isLoading && freshAt > shown.freshAt,
    reload,
    loadMore,
  };
}
