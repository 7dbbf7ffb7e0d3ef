/** One uPlot chart of a probability: axis of time, dashed threshold, diamond at the trigger. */

import uPlot from "uplot";
import { percent, tick } from "../i18n";
import { type Palette, paletteAt } from "./palette";

interface Drawing {
  times: number[];
  values: number[];
  threshold: number;
  trigger: number | null;
  choose: (index: number | null) => void;
  /** Show what belongs to a point. */
  open: (index: number) => void;
}

export interface MountedChart {
  /** Put the cursor on a point, or take it away. */
  pointTo: (index: number | null) => void;
  unmount: () => void;
}

const HEIGHT_PX = 190;
const LEAST_SPAN_S = 3600;

/** Draw into `place`, and follow its width until `unmount`. */
export function mountChart(place: HTMLElement, drawing: Drawing): MountedChart {
  const palette = paletteAt(place);
  const plot = new uPlot(
    options(place.clientWidth, drawing, palette),
    [drawing.times, drawing.values],
    place,
  );
  const resize = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT_PX }));
  resize.observe(place);
  return {
    pointTo: (index) => point(plot, drawing, index),
    unmount: () => {
      resize.disconnect();
      plot.destroy();
    },
  };
}

function point(plot: uPlot, drawing: Drawing, index: number | null): void {
  if (index === null) return;
  const left = plot.valToPos(drawing.times[index] ?? 0, "x");
  const top = plot.valToPos(drawing.values[index] ?? 0, "y");
  plot.setCursor({ left, top }, false);
}

function options(width: number, drawing: Drawing, palette: Palette): uPlot.Options {
  const isLong = drawing.times.length > 40;
  return {
    width,
    height: HEIGHT_PX,
    // To the right as much as half of the longest tick, which would be cut.
    padding: [12, 32, 0, 0],
    tzDate: (utc) => uPlot.tzDate(new Date(utc * 1000), "Etc/UTC"),
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 9, fill: palette.accent, stroke: palette.surface, width: 2 },
    },
    scales: { x: { time: true, range: padded(drawing.times) }, y: { range: [0, 1] } },
    axes: [timeAxis(palette), valueAxis(palette)],
    series: [
      {},
      {
        stroke: palette.accent,
        width: 1.75,
        // Between two posts nothing is known: the line stays where the last one has left it.
        ...(uPlot.paths.stepped && { paths: uPlot.paths.stepped({ align: 1 }) }),
        points: { show: !isLong, size: 5, fill: palette.surface, stroke: palette.accent, width: 1.5 },
        fill: fade(palette.accent),
      },
    ],
    hooks: {
      drawAxes: [
        (plot) => drawAbove(plot, drawing.threshold, palette),
        (plot) => drawThreshold(plot, drawing.threshold, palette),
        (plot) => drawPosts(plot, drawing.times, palette),
      ],
      draw: [(plot) => drawTrigger(plot, drawing, palette)],
      ready: [(plot) => hearPointer(plot, drawing)],
    },
  };
}

/** A range with room at both ends: an hour at least, since posts may be of one moment. */
function padded(times: readonly number[]): [number, number] {
  const [least, most] = [times[0] ?? 0, times.at(-1) ?? 0];
  const room = Math.max((most - least) * 0.02, LEAST_SPAN_S / 2);
  return [least - room, most + room];
}

/** As small as the page's small print, which grows with the page. */
function font(): string {
  const remPx = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return `${0.75 * remPx}px system-ui, sans-serif`;
}

function timeAxis(palette: Palette): uPlot.Axis {
  return {
    stroke: palette.quiet,
    font: font(),
    grid: { show: false },
    ticks: { stroke: palette.line, width: 1, size: 5 },
    border: { show: true, stroke: palette.line, width: 1 },
    space: 88,
    size: 34,
    values: (plot, splits) => {
      const { min, max } = plot.scales.x ?? {};
      return splits.map((each) => tick(each, (max ?? 0) - (min ?? 0)));
    },
  };
}

function valueAxis(palette: Palette): uPlot.Axis {
  return {
    stroke: palette.quiet,
    font: font(),
    size: 52,
    splits: [0, 0.25, 0.5, 0.75, 1],
    grid: { stroke: palette.line, width: 1 },
    ticks: { show: false },
    values: (_, splits) => splits.map(percent),
  };
}

function fade(colour: string): string {
  return `color-mix(in srgb, ${colour} 10%, transparent)`;
}

function drawThreshold(plot: uPlot, threshold: number, palette: Palette): void {
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(threshold, "y", true));
  ctx.save();
  ctx.strokeStyle = palette.raise;
  ctx.lineWidth = devicePixelRatio * 1.25;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

/** Tint what is above the threshold. */
function drawAbove(plot: uPlot, threshold: number, palette: Palette): void {
  const { ctx, bbox } = plot;
  const y = plot.valToPos(threshold, "y", true);
  ctx.save();
  ctx.globalAlpha = 0.06;
  ctx.fillStyle = palette.raise;
  ctx.fillRect(bbox.left, bbox.top, bbox.width, y - bbox.top);
  ctx.restore();
}

/** A short stroke at the foot for each post. */
function drawPosts(plot: uPlot, times: readonly number[], palette: Palette): void {
  const { ctx, bbox } = plot;
  const foot = bbox.top + bbox.height;
  ctx.save();
  ctx.globalAlpha = 0.5;
  ctx.fillStyle = palette.quiet;
  for (const time of times) {
    const x = Math.round(plot.valToPos(time, "x", true));
    ctx.fillRect(x, foot - 5 * devicePixelRatio, devicePixelRatio, 5 * devicePixelRatio);
  }
  ctx.restore();
}

function drawTrigger(plot: uPlot, { trigger, times, values }: Drawing, palette: Palette): void {
  if (trigger === null) return;
  const { ctx } = plot;
  const x = plot.valToPos(times[trigger] ?? 0, "x", true);
  const y = plot.valToPos(values[trigger] ?? 0, "y", true);
  const half = 6.5 * devicePixelRatio;
  ctx.save();
  ctx.fillStyle = palette.raise;
  ctx.strokeStyle = palette.surface;
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(x, y - half);
  ctx.lineTo(x + half, y);
  ctx.lineTo(x, y + half);
  ctx.lineTo(x - half, y);
  ctx.closePath();
  ctx.stroke();
  ctx.fill();
  ctx.restore();
}

/** Only what a person does is a choice: the cursor that keys have set is not told back. */
function hearPointer(plot: uPlot, drawing: Drawing): void {
  plot.over.addEventListener("pointermove", () => drawing.choose(plot.cursor.idx ?? null));
  plot.over.addEventListener("click", () => {
    if (typeof plot.cursor.idx === "number") drawing.open(plot.cursor.idx);
  });
  plot.over.addEventListener("pointerleave", () => drawing.choose(null));
}
