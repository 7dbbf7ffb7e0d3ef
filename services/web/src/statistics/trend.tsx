/** The course of a number over the last minutes, small in a table or large with its scale. */

import type { Series } from "../api/types";
import { rate, texts } from "../i18n";
import { highest, linePath, roundUp } from "./series";

const WIDTH = 300;

interface SparkProps {
  series: Series;
  name: string;
}

export function Spark({ series, name }: SparkProps) {
  const height = 28;
  const most = highest(series);
  const words = texts.value.statistics;
  const said =
    most === null ? words.noData : `${words.now(rate(series.at(-1) ?? null))}, ${words.highest(rate(most))}`;
  return (
    <svg
      class="spark"
      viewBox={`0 -2 ${WIDTH} ${height + 4}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${name}: ${said}`}
    >
      {most !== null && <path d={linePath(series, roundUp(most), WIDTH, height)} />}
    </svg>
  );
}

interface TrendProps extends SparkProps {
  /** How many seconds the series spans: it is as long as the server has looked, and minutes at most. */
  spanS: number;
}

export function Trend({ series, name, spanS }: TrendProps) {
  const height = 120;
  const words = texts.value.statistics;
  const most = highest(series);
  const top = roundUp(most ?? 1);
  const line = linePath(series, top, WIDTH, height);
  const minutes = Math.round(spanS / 60);
  return (
    <figure class="trend">
      <figcaption>
        <h2>{name}</h2>
        <strong class="trend-now">{rate(series.at(-1) ?? null)}</strong>
        <span class="quiet">{most === null ? words.noData : words.highest(rate(most))}</span>
      </figcaption>
      <div class="trend-plot" aria-hidden="true">
        <span class="trend-top">{rate(top)}</span>
        <span class="trend-zero">0</span>
        <svg viewBox={`0 -2 ${WIDTH} ${height + 4}`} preserveAspectRatio="none" aria-hidden="true">
          <path class="trend-grid" d={`M0 0H${WIDTH}M0 ${height / 2}H${WIDTH}M0 ${height}H${WIDTH}`} />
          <path class="trend-line" d={line} />
        </svg>
        <span class="trend-span">
          {spanS < 90 ? words.lastSeconds(rate(spanS)) : words.lastMinutes(rate(minutes), minutes === 1)}
        </span>
      </div>
    </figure>
  );
}
