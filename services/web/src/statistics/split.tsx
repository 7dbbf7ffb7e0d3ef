/** How many alerts have which label: a ring, and the same in words. */

import type { Counts } from "../api/types";
import { count, percent, texts } from "../i18n";

const AROUND = 2 * Math.PI * 40;

export function Split({ counts }: { counts: Counts }) {
  const { labels, statistics, alerts } = texts.value;
  const parts = [
    { name: "none", text: labels.none, value: counts.unlabelled },
    { name: "risk", text: labels.risk, value: counts.risk },
    { name: "no_risk", text: labels.no_risk, value: counts.no_risk },
    { name: "unsure", text: labels.unsure, value: counts.unsure },
    { name: "disputed", text: labels.disputed, value: counts.disputed },
    { name: "hidden", text: alerts.hidden, value: counts.hidden },
  ];
  const total = parts.reduce((sum, part) => sum + part.value, 0);
  let start = 0;
  return (
    <section class="split" aria-labelledby="split-title">
      <h2 id="split-title">{statistics.split}</h2>
      <svg viewBox="0 0 100 100" aria-hidden="true">
        <circle cx="50" cy="50" r="40" />
        {parts.map((part) => {
          const share = total === 0 ? 0 : part.value / total;
          const from = start;
          start += share;
          return (
            <circle
              key={part.name}
              data-label={part.name}
              cx="50"
              cy="50"
              r="40"
              stroke-dasharray={`${Math.max(0, share * AROUND - 1)} ${AROUND}`}
              stroke-dashoffset={-from * AROUND}
            />
          );
        })}
      </svg>
      <dl>
        {parts.map((part) => (
          <div key={part.name} data-label={part.name}>
            <dt>{part.text}</dt>
            <dd>
              {count(part.value)} {total > 0 && <span class="quiet">{percent(part.value / total)}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
