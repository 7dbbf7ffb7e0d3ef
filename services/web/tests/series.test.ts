import { expect, test } from "vitest";
import type { Statistics, StatisticsHistory } from "../src/api/types";
import { append, linePath, MOST_POINTS, roundUp } from "../src/statistics/series";

function measured(at_ms: number, ...names: string[]): Statistics {
  const alerts = { unlabelled: 0, risk: 0, no_risk: 0, unsure: 0, disputed: 0, hidden: 0, again: 0 };
  const nodes = names.map((name) => ({
    name,
    running: 1,
    in_per_s: 5,
    out_per_s: 5,
    lag: 2,
    dead_letters: 0,
    restarts: 0,
    restarted_ms: null,
  }));
  const screening = { state: "works", waiting: 2, since_ms: null } as const;
  return {
    at_ms,
    posts: 1,
    users: 1,
    alerts,
    posts_per_s: 5,
    users_per_min: 1,
    screening: { ...screening, nodes: [] },
    nodes,
  };
}

const EMPTY: StatisticsHistory = { step_s: 2, at_ms: [], posts_per_s: [], users_per_min: [], nodes: [] };

test("a node that comes later has nothing known before", () => {
  const history = append(append(EMPTY, measured(0, "a")), measured(2000, "a", "b"));

  expect(history.nodes[1]?.in_per_s).toEqual([null, 5]);
});

test("history stays bounded", () => {
  let history = EMPTY;
  for (let at = 0; at < 2 * MOST_POINTS; at += 1) history = append(history, measured(at * 2000, "a"));

  expect(history.at_ms).toHaveLength(MOST_POINTS);
  expect(history.nodes[0]?.lag).toHaveLength(MOST_POINTS);
});

test("a measurement that the history holds already is not added twice", () => {
  const history = append(EMPTY, measured(10_000, "a"));

  expect(append(history, measured(10_100, "a"))).toBe(history);
});

test("a line breaks where nothing is known", () => {
  expect(linePath([0, null, 10], 10, 100, 50)).toBe("M0 50M100 0");
});

test("an axis ends at a round number", () => {
  expect([0, 0.5, 1, 1160, 4001].map(roundUp)).toEqual([1, 0.5, 1, 1200, 5000]);
});
