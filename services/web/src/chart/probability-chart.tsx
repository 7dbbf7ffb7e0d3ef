/** The line of a user's probability over time: drawn by uPlot, read by mouse, keys or a screen reader. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { readFrom } from "../alerts/place-in-posts";
import type { Probabilities } from "../api/types";
import { count, momentOf, percent, texts } from "../i18n";
import { Icon } from "../ui/icon";
import { ScrollRegion } from "../ui/scroll-region";
import { Stretches } from "../ui/stretches";
import { type MountedChart, mountChart } from "./line-chart";
import { colourChange } from "./palette";
import { pointsOf } from "./points";

interface ChartProps {
  history: Probabilities;
}

/** Show the post of a point where the posts are. */
function readPostOf(history: Probabilities, index: number): void {
  const [utc, , post] = history.points[index] ?? [];
  if (utc !== undefined) readFrom({ user: history.user, utc, post: post || null });
}

export function ProbabilityChart({ history }: ChartProps) {
  const { chart } = texts.value;
  const place = useRef<HTMLDivElement>(null);
  const { times, values, trigger } = useMemo(() => pointsOf(history), [history]);
  const last = values.length - 1;
  const chosen = useSignal<number | null>(null);
  const pinned = useSignal<number | null>(null);
  const at = Math.min(chosen.value ?? trigger ?? last, last);
  const handle = useRef<MountedChart | null>(null);
  const colours = colourChange.value;

  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew in other colours or another language
  useEffect(() => {
    if (!place.current || values.length === 0) return;
    const mounted = mountChart(place.current, {
      times,
      values,
      threshold: history.threshold,
      trigger,
      choose: (index) => {
        chosen.value = index ?? pinned.value;
      },
      open: (index) => {
        pinned.value = index;
        chosen.value = index;
        readPostOf(history, index);
      },
    });
    handle.current = mounted;
    return mounted.unmount;
  }, [times, values, trigger, history, chosen, pinned, colours, chart]);
  useEffect(() => handle.current?.pointTo(chosen.value === null ? null : at), [at, chosen.value]);

  if (values.length === 0) return <p class="quiet">{chart.empty}</p>;
  const value = values[at] ?? 0;
  const said = `${momentOf(times[at] ?? 0)}: ${percent(value)}`;
  return (
    <figure class="chart">
      <figcaption class="chart-reading">
        <span class="chart-value">
          <strong>{percent(value)}</strong> {momentOf(times[at] ?? 0)}
        </span>
        {at === trigger && (
          <span class="chart-trigger">
            <Icon name="marker" /> {chart.trigger}
          </span>
        )}
        <span class="quiet">{texts.value.thresholdAt(percent(history.threshold))}</span>
      </figcaption>
      <div ref={place} class="chart-place" aria-hidden="true" />
      <div class="chart-controls">
        <input
          type="range"
          min={0}
          max={last}
          value={at}
          aria-label={chart.scrub}
          aria-valuetext={`${said}. ${chart.point(count(at + 1), count(last + 1))}`}
          onInput={(event) => {
            // It stays when the pointer leaves, as it does by itself where the page moves under it.
            pinned.value = Number(event.currentTarget.value);
            chosen.value = pinned.value;
          }}
        />
        {trigger !== null && (
          <button
            type="button"
            class="button-text"
            onClick={() => {
              pinned.value = trigger;
              chosen.value = trigger;
              readPostOf(history, trigger);
            }}
          >
            <Icon name="marker" /> {chart.toTrigger}
          </button>
        )}
        <button type="button" class="button-text" onClick={() => readPostOf(history, at)}>
          <Icon name="down" /> {chart.toPost}
        </button>
        <ValueTable history={history} />
      </div>
      {history.is_downsampled && (
        <p class="quiet">{chart.downsampled(count(values.length), count(history.total))}</p>
      )}
    </figure>
  );
}

function ValueTable({ history }: ChartProps) {
  const { chart, probability } = texts.value;
  const isOpen = useSignal(false);
  return (
    <details
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>{chart.table}</summary>
      {isOpen.value && (
        <ScrollRegion name={chart.table}>
          <table>
            <thead>
              <tr>
                <th scope="col">{chart.time}</th>
                <th scope="col" class="number">
                  {probability}
                </th>
                <th scope="col">{chart.post}</th>
              </tr>
            </thead>
            <Stretches
              as="tbody"
              items={history.points}
              keyOf={([, , post]) => post}
              item={([time, value, post]) => (
                <tr key={post}>
                  <td>{momentOf(time)}</td>
                  <td class="number">{percent(value)}</td>
                  <td>
                    <button
                      type="button"
                      class="button-text"
                      onClick={() => readFrom({ user: history.user, utc: time, post: post || null })}
                    >
                      <bdi>{post}</bdi>
                    </button>
                    {post === history.trigger && ` · ${chart.trigger}`}
                  </td>
                </tr>
              )}
            />
          </table>
        </ScrollRegion>
      )}
    </details>
  );
}
