/** Values with how many posts have them: bars of the classes, each of which filters. */

import type { LabelCounts } from "../api/types";
import { count, percent, texts } from "../i18n";
import { Figure } from "./figure";
import { labels, toggled, type Wish } from "./wish";

export interface Bar extends LabelCounts {
  name: string;
  value: string;
}

interface BarsProps {
  title: string;
  note?: string;
  file: string;
  bars: readonly Bar[];
  field: "place" | "hashtag" | "language" | "source" | "word";
  wish: Wish;
  choose: (wish: Wish) => void;
}

const SHOWN = 12;
const ROW = 28;
const WIDTH = 320;
const NAME = 130;
const LONGEST_NAME = 20;

export function Bars({ title, note, file, bars, field, wish, choose }: BarsProps) {
  const { topics: words } = texts.value;
  const shown = bars.slice(0, SHOWN);
  const rows = () => [
    [title, ...labels.map((label) => words.labels[label])],
    ...bars.map((bar) => [bar.name, ...labels.map((label) => bar[label])]),
  ];
  return (
    <Figure title={title} {...(note ? { note } : {})} file={file} rows={rows}>
      {shown.length === 0 ? (
        <p class="blank">{words.none}</p>
      ) : (
        <div class="bars">
          <Drawing bars={shown} chosen={wish[field]} />
          <ul>
            {shown.map((bar) => (
              <li key={bar.value}>
                <button
                  type="button"
                  class="bar-button"
                  title={barText(bar)}
                  aria-pressed={wish[field] === bar.value}
                  onClick={() => choose(toggled(wish, { [field]: bar.value }))}
                >
                  <span class="unseen">{barText(bar)}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
      {bars.length > SHOWN && <p class="quiet">{words.moreInCsv(count(bars.length - SHOWN))}</p>}
    </Figure>
  );
}

/** What is seen; the buttons above it, one a row, are what is pressed. */
function Drawing({ bars, chosen }: { bars: readonly Bar[]; chosen: string | undefined }) {
  const most = Math.max(1, ...bars.map(total));
  return (
    <svg class="drawing" viewBox={`0 0 ${WIDTH} ${bars.length * ROW}`} aria-hidden="true">
      {bars.map((bar, index) => {
        let x = NAME;
        return (
          <g
            key={bar.value}
            class="mark"
            data-chosen={chosen === undefined ? undefined : chosen === bar.value}
          >
            <text class="bar-label" x={NAME - 8} y={index * ROW + 18} text-anchor="end">
              {bar.name.length > LONGEST_NAME ? `${bar.name.slice(0, LONGEST_NAME - 1)}…` : bar.name}
            </text>
            {labels.map((label) => {
              const width = (bar[label] / most) * (WIDTH - NAME - 44);
              const from = x;
              x += width;
              return (
                <rect
                  key={label}
                  data-label={label}
                  x={from}
                  y={index * ROW + 7}
                  width={width}
                  height={ROW - 14}
                />
              );
            })}
            <text class="tick" x={x + 5} y={index * ROW + 18}>
              {count(total(bar))}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

function total(bar: LabelCounts): number {
  return bar.signs + bar.no_signs + bar.not_sure;
}

function barText(bar: Bar): string {
  const { topics: words } = texts.value;
  const posts = total(bar);
  return words.barOf(bar.name, count(posts), percent(posts === 0 ? 0 : bar.signs / posts));
}
