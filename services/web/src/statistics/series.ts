/** The last minutes of every number, and how a new measurement joins them. */

import type { Series, Statistics, StatisticsHistory } from "../api/types";

export const MOST_POINTS = 300;

/** Add a measurement at the end, drop what is too old; nodes that came or went keep their columns aligned. */
export function append(history: StatisticsHistory, now: Statistics): StatisticsHistory {
  const last = history.at_ms.at(-1);
  if (last !== undefined && now.at_ms < last + history.step_s * 500) return history;
  const length = history.at_ms.length;
  const before = new Map(history.nodes.map((node) => [node.name, node]));
  return {
    step_s: history.step_s,
    at_ms: [...history.at_ms, now.at_ms].slice(-MOST_POINTS),
    posts_per_s: push(history.posts_per_s, now.posts_per_s),
    users_per_min: push(history.users_per_min, now.users_per_min),
    nodes: now.nodes.map((node) => ({
      name: node.name,
      in_per_s: push(before.get(node.name)?.in_per_s ?? unknown(length), node.in_per_s),
      out_per_s: push(before.get(node.name)?.out_per_s ?? unknown(length), node.out_per_s),
      lag: push(before.get(node.name)?.lag ?? unknown(length), node.lag),
    })),
  };
}

/** The highest known value, or null where nothing is known. */
export function highest(series: Series): number | null {
  return series.reduce<number | null>(
    (most, value) => (value !== null && (most === null || value > most) ? value : most),
    null,
  );
}

const ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** A round number at or above `value` for the top of an axis. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = ROUND.find((each) => value <= each * power * (1 + 1e-9)) ?? 10;
  return step * power;
}

/** The `d` of a line through a series in a box; gaps where nothing is known. */
export function linePath(series: Series, top: number, width: number, height: number): string {
  const stepX = series.length > 1 ? width / (series.length - 1) : 0;
  let isDrawing = false;
  return series
    .map((value, index) => {
      if (value === null) {
        isDrawing = false;
        return "";
      }
      const move = isDrawing ? "L" : "M";
      isDrawing = true;
      const y = height - (Math.min(value, top) / top) * height;
      return `${move}${round(index * stepX)} ${round(y)}`;
    })
    .join("");
}

function push(series: Series, value: number | null): Series {
  return [...series, value].slice(-MOST_POINTS);
}

function unknown(length: number): Series {
  return new Array<null>(length).fill(null);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
