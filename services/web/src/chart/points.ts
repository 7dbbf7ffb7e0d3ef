/** From the answer of the API to the columns a chart draws. */

import type { Alert, Point, Probabilities } from "../api/types";

export interface Columns {
  times: number[];
  values: number[];
  trigger: number | null;
}

/** Columns in order of time; `trigger` is the row of the post that opened the alert. */
export function pointsOf(history: Probabilities): Columns {
  const trigger = history.points.findIndex(([, , post]) => post === history.trigger);
  return {
    times: history.points.map(([time]) => time),
    values: history.points.map(([, value]) => value),
    trigger: trigger < 0 ? null : trigger,
  };
}

const MOST_POINTS = 4000;

/** Add the latest state of an alert as a point, if it is later than all that are there. */
export function withLatest(history: Probabilities, alert: Alert): Probabilities {
  const last = history.points.at(-1);
  if (alert.probability === null) return history;
  if (last && alert.updated_utc <= last[0]) return history;
  const point: Point = [alert.updated_utc, alert.probability, "", Math.max(0, history.models.length - 1)];
  const points = [...history.points, point].slice(-MOST_POINTS);
  return { ...history, points, total: history.total + 1 };
}
