import { expect, test } from "vitest";
import { arrange, belongs, compare, neighbour, recount, takeNewer } from "../src/alerts/order";
import type { Alert } from "../src/api/types";

const UNTAGGED = {
  tab: "none",
  whose: "all",
  account: "me",
  isHidden: false,
  sort: "raised",
  band: null,
  isAbove: false,
  sinceMs: 0,
} as const;

function alert(user: string, changed: Partial<Alert> = {}): Alert {
  return {
    user,
    label: null,
    shelf: changed.label ?? null,
    is_hidden: false,
    labelled_by: null,
    labelled_ms: null,
    hidden_by: null,
    hidden_ms: null,
    review_version: 0,
    reviewed_by: null,
    reviewed_ms: null,
    raised_ms: 100,
    opened_utc: 100,
    opened_by: "t1_a",
    opened_after: 3,
    threshold: 0.5,
    updated_utc: 200,
    probability: 0.6,
    peak_probability: 0.7,
    posts_since: 1,
    band: "raised",
    model: "1",
    changed_ms: 1,
    is_blind: false,
    is_alone: false,
    is_done: false,
    opinions: 0,
    again: null,
    snoozed_ms: null,
    leased_by: null,
    leased_ms: null,
    ...changed,
  };
}

function known(...alerts: Alert[]): Map<string, Alert> {
  return new Map(alerts.map((each) => [each.user, each]));
}

test("what has come back is listed as back, and under its label as well", () => {
  const back = alert("ann", {
    label: "no_risk",
    again: { at_ms: 1, why: "risen", probability: 0.5, posts: 3 },
  });

  expect(belongs(back, { ...UNTAGGED, tab: "again" })).toBe(true);
  expect(belongs(back, { ...UNTAGGED, tab: "no_risk" })).toBe(true);
  expect(belongs({ ...back, again: null }, { ...UNTAGGED, tab: "again" })).toBe(false);
});

test("a list is of one band, still above the threshold, or raised since", () => {
  const fits = (fit: object) =>
    belongs(alert("ann", { probability: 0.4, band: "low" }), { ...UNTAGGED, ...fit });

  expect([{}, { band: "low" }, { sinceMs: 100 }].map(fits)).toEqual([true, true, true]);
  expect([{ band: "high" }, { isAbove: true }, { sinceMs: 101 }].map(fits)).toEqual([false, false, false]);
});

test("a case that waits for others is in no list of one's own, and counts under nothing", () => {
  const [before, after] = [alert("ann", { is_alone: true }), alert("ann", { is_done: true, opinions: 1 })];
  const none = { risk: 0, no_risk: 0, unsure: 0, disputed: 0, hidden: 0, again: 0 };

  expect([before, after].map((each) => belongs(each, UNTAGGED))).toEqual([true, false]);
  expect(recount({ unlabelled: 5, ...none }, before, after)).toEqual({ unlabelled: 4, ...none });
});

test("a list is of everybody's cases, of nobody's or of one's own", () => {
  const [mine, free] = [alert("ann", { leased_by: "me" }), alert("bob")];
  const listed = (whose: "all" | "nobodys" | "mine") =>
    [mine, free].filter((each) => belongs(each, { ...UNTAGGED, whose })).map((each) => each.user);

  expect([listed("all"), listed("nobodys"), listed("mine")]).toEqual([["ann", "bob"], ["bob"], ["ann"]]);
});

test("an alert belongs under its label, and among the hidden ones if it is hidden", () => {
  expect(belongs(alert("ann"), UNTAGGED)).toBe(true);
  expect(belongs(alert("ann", { label: "risk" }), UNTAGGED)).toBe(false);
  expect(belongs(alert("ann", { is_hidden: true }), UNTAGGED)).toBe(false);
  expect(belongs(alert("ann", { is_hidden: true }), { ...UNTAGGED, isHidden: true })).toBe(true);
});

test("the last raised or the most probable comes first, whatever the date of the post", () => {
  const old = alert("old", { raised_ms: 1, opened_utc: 9, probability: 0.9 });
  const late = alert("late", { raised_ms: 2, opened_utc: 1, probability: 0.6 });

  expect([old, late].sort(compare("raised"))).toEqual([late, old]);
  expect([late, old].sort(compare("probability"))).toEqual([old, late]);
});

test("what is older than what is known is not taken over", () => {
  const shown = known(alert("ann", { changed_ms: 5, probability: 0.8 }));

  takeNewer(shown, [alert("ann", { changed_ms: 4, probability: 0.1 }), alert("bob")]);

  expect(shown.get("ann")?.probability).toBe(0.8);
  expect(shown.has("bob")).toBe(true);
});

test("what lies beyond the pages that are loaded is not shown yet", () => {
  const tail = alert("tail", { raised_ms: 50 });
  const all = known(alert("new", { raised_ms: 90 }), tail, alert("beyond", { raised_ms: 10 }));

  expect(arrange(all, UNTAGGED, tail)).toEqual(["new", "tail"]);
  expect(arrange(all, UNTAGGED, null)).toEqual(["new", "tail", "beyond"]);
});

test("after an alert that leaves comes the next one, or the one before at the end", () => {
  expect(neighbour(["a", "b", "c"], "b", ["a", "c"])).toBe("c");
  expect(neighbour(["a", "b"], "b", ["a"])).toBe("a");
  expect(neighbour(["a", "b", "c", "d"], "b", ["a", "d"])).toBe("d");
  expect(neighbour(["a"], "a", [])).toBeNull();
});

test("an alert that is labelled is counted where it is now", () => {
  const counts = { unlabelled: 3, risk: 1, no_risk: 0, unsure: 0, disputed: 0, hidden: 0, again: 0 };

  expect(recount(counts, alert("ann"), alert("ann", { label: "risk" }))).toEqual({
    unlabelled: 2,
    risk: 2,
    no_risk: 0,
    unsure: 0,
    disputed: 0,
    hidden: 0,
    again: 0,
  });
});
