/** A list that the API gives page by page, read on as one scrolls. */

import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useRef } from "preact/hooks";
import { get, isAbort } from "../api/client";
import { onReturn } from "../api/live";
import type { Page } from "../api/types";
import { texts } from "../i18n";
import { LeftOut } from "./left-out";
import { ProblemNote } from "./problem";

export interface Reading<Item> {
  items: readonly Item[];
  error: unknown;
  isLoading: boolean;
  hasMore: boolean;
  /** The place of the next page, which changes with each that was read, also with one without an item. */
  cursor: string | null;
  /** How many entries of what was read cannot be shown. */
  leftOut: number;
  /** Begin anew with the first page. */
  reload: () => void;
  /** Load the page after the last one, or try it again. */
  loadMore: () => void;
}

interface State<Item> {
  address: string;
  items: readonly Item[];
  leftOut: number;
  cursor: string | null;
  error: unknown;
  isLoading: boolean;
}

/** Get the first page of `address`, which has a query, and more when asked. What failed while the server was away is tried again. */
export function usePages<Item>(address: string): Reading<Item> {
  const start: State<Item> = { address, items: [], leftOut: 0, cursor: null, error: null, isLoading: true };
  const state = useSignal(start);
  const running = useRef<AbortController | null>(null);

  const load = useCallback(
    async (cursor: string | null) => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      const before = state.value.address === address ? state.value : { items: [], leftOut: 0 };
      state.value = { ...before, address, cursor, error: null, isLoading: true };
      const { items, leftOut } = cursor === null ? { items: [], leftOut: 0 } : before;
      try {
        const from = cursor === null ? address : `${address}&cursor=${encodeURIComponent(cursor)}`;
        const page = await get<Page<Item>>(from, controller.signal);
        state.value = {
          address,
          items: [...items, ...page.items],
          leftOut: leftOut + page.left_out,
          cursor: page.cursor,
          error: null,
          isLoading: false,
        };
      } catch (error) {
        if (!isAbort(error)) state.value = { ...state.value, error, isLoading: false };
      }
    },
    [address, state],
  );
  const reload = useCallback(() => void load(null), [load]);
  const loadMore = useCallback(() => {
    if (!state.value.isLoading) void load(state.value.cursor);
  }, [load, state]);
  useEffect(() => {
    reload();
    return () => running.current?.abort();
  }, [reload]);

  useEffect(
    () =>
      onReturn(() => {
        if (state.value.error) loadMore();
      }),
    [loadMore, state],
  );

  const { items, error, isLoading, leftOut, cursor } = state.value.address === address ? state.value : start;
  return { items, error, isLoading, leftOut, hasMore: cursor !== null, cursor, reload, loadMore };
}

/** What stands below the items: that there are more, none, or no further ones. Coming into sight, it loads more. */
export function PagesEnd({ reading, empty }: { reading: Reading<unknown>; empty: string }) {
  const { loading, more, end } = texts.value;
  const sentinel = useRef<HTMLDivElement>(null);
  const { loadMore, hasMore, cursor } = reading;
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
  }, [loadMore, hasMore, cursor]);
  if (reading.error) return <ProblemNote error={reading.error} retry={loadMore} />;
  if (hasMore) {
    return (
      <div ref={sentinel} class="pages-end">
        <button type="button" class="button" onClick={loadMore}>
          {more}
        </button>
      </div>
    );
  }
  if (reading.isLoading) return <p class="blank">{loading}</p>;
  return (
    <>
      <p class={read === 0 ? "blank" : "quiet pages-end"}>{read === 0 ? empty : end}</p>
      <LeftOut number={reading.leftOut} />
    </>
  );
}
