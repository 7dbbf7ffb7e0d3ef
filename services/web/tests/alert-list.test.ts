import { beforeEach, expect, test, vi } from "vitest";

vi.hoisted(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
});

import { type AlertList, createAlertList } from "../src/alerts/alert-list";
import type { Alert, Counts } from "../src/api/types";

const COUNTS = {
  unlabelled: 1,
  risk: 0,
  no_risk: 0,
  unsure: 0,
  disputed: 0,
  hidden: 0,
  again: 0,
} satisfies Counts;
const PAGE = 100;

let isBroken = false;
let list: AlertList;

function alert(number: number): Alert {
  const user = `user${number}`;
  return { user, shelf: null, is_hidden: false, raised_ms: 1e6 - number, changed_ms: 1 } as unknown as Alert;
}

/** Pages of a list without an end, unless it is broken. */
function answer(address: string): Promise<Response> {
  if (isBroken) return Promise.resolve(new Response("{}", { status: 503 }));
  if (address.includes("counts")) return Promise.resolve(Response.json(COUNTS));
  const from = Number(new URL(address, "https://here").searchParams.get("cursor") ?? 0);
  const items = Array.from({ length: PAGE }, (_, index) => alert(from + index));
  return Promise.resolve(Response.json({ items, cursor: String(from + PAGE), left_out: 0 }));
}

beforeEach(async () => {
  isBroken = false;
  vi.stubGlobal("fetch", answer);
  list = createAlertList();
  await list.reload();
});

test("a page that fails to load says so, and is loaded when it is tried again", async () => {
  isBroken = true;
  await list.loadMore();
  expect(list.problem.value).not.toBeNull();
  expect(list.order.value).toHaveLength(PAGE);

  isBroken = false;
  await list.loadMore();

  expect(list.problem.value).toBeNull();
  expect(list.order.value).toHaveLength(2 * PAGE);
});

test.each([
  [5150, 5200],
  [0, PAGE],
])("who is at row %i of a long list has %i rows when the pointer leaves it", async (row, rows) => {
  list.setInUse(true);
  for (let page = 1; page < 52; page += 1) await list.loadMore();
  list.setPlace(row);

  list.setInUse(false);
  await vi.waitFor(() => expect(list.isLoading.value).toBe(false));

  expect(list.order.value).toHaveLength(rows);
});

test.each([true, false])(
  "a label counts once, whether the live event comes before its answer: %s",
  (isFirst) => {
    const before = { ...alert(0), review_version: 0 };
    const after = { ...before, shelf: "risk", changed_ms: 2, review_version: 1 } as Alert;
    const counts = { ...COUNTS, unlabelled: 0, risk: 1 };

    if (isFirst) list.hear([after], counts);
    list.replace(before, after);
    if (!isFirst) list.hear([after], counts);

    expect(list.counts.value).toEqual(counts);
  },
);
