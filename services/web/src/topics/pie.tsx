/** How many posts of which class: a pie, and a legend that says the same and filters by it. */

import type { LabelCounts } from "../api/types";
import { count, percent, texts } from "../i18n";
import { Figure } from "./figure";
import { labels, toggled, type Wish } from "./wish";

interface PieProps {
  counts: LabelCounts;
  wish: Wish;
  choose: (wish: Wish) => void;
}

const CENTRE = 60;
const RADIUS = 56;

export function Pie({ counts, wish, choose }: PieProps) {
  const { topics: words } = texts.value;
  const total = labels.reduce((sum, label) => sum + counts[label], 0);
  let from = 0;
  return (
    <Figure
      title={words.byClass}
      file="topic-classes"
      rows={() => [
        [words.class, words.posts],
        ...labels.map((label) => [words.labels[label], counts[label]]),
      ]}
    >
      <div class="pie">
        <svg class="drawing" viewBox={`0 0 ${2 * CENTRE} ${2 * CENTRE}`} aria-hidden="true">
          {total === 0 && <circle class="pie-none" cx={CENTRE} cy={CENTRE} r={RADIUS} />}
          {labels.map((label) => {
            const share = total === 0 ? 0 : counts[label] / total;
            const start = from;
            from += share;
            if (share === 0) return null;
            return (
              // biome-ignore lint/a11y/noStaticElementInteractions: a second way; the legend is the one for everybody
              <path
                key={label}
                class="mark"
                data-label={label}
                data-chosen={wish.label === undefined ? undefined : wish.label === label}
                d={slice(start, from)}
                onClick={() => choose(toggled(wish, { label }))}
              >
                <title>{words.part(words.labels[label], count(counts[label]), percent(share))}</title>
              </path>
            );
          })}
        </svg>
        <ul class="legend">
          {labels.map((label) => (
            <li key={label}>
              <button
                type="button"
                class="legend-entry"
                data-label={label}
                aria-pressed={wish.label === label}
                onClick={() => choose(toggled(wish, { label }))}
              >
                <span class="legend-name">{words.labels[label]}</span>
                <span class="legend-value">{count(counts[label])}</span>
                <span class="quiet legend-share">{total > 0 && percent(counts[label] / total)}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Figure>
  );
}

/** The path of a slice between two shares of the whole, clockwise from the top. */
export function slice(from: number, to: number): string {
  // A whole circle has no two ends: it is drawn as one that is all but whole.
  const end = Math.min(to, from + 0.99999);
  const [x1, y1] = onCircle(from);
  const [x2, y2] = onCircle(end);
  return `M${CENTRE} ${CENTRE}L${x1} ${y1}A${RADIUS} ${RADIUS} 0 ${end - from > 0.5 ? 1 : 0} 1 ${x2} ${y2}Z`;
}

function onCircle(share: number): [string, string] {
  const angle = 2 * Math.PI * share;
  return [(CENTRE + RADIUS * Math.sin(angle)).toFixed(3), (CENTRE - RADIUS * Math.cos(angle)).toFixed(3)];
}
