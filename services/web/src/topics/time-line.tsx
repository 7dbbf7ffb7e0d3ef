/** The share of posts with signs over time, each with its interval; a mark filters by its time. */

import { useMemo, useRef, useState } from "preact/hooks";
import type { TopicCounts, TopicMoment } from "../api/types";
import { count, day, momentOf, percent, texts, tick } from "../i18n";
import { Figure } from "./figure";
import { toggled, type Wish } from "./wish";

interface TimeLineProps {
  counts: TopicCounts;
  wish: Wish;
  choose: (wish: Wish) => void;
}

// Of a drawing that is as wide as its place: on a small screen less is drawn, so that all can be read.
const WIDE = { width: 640, ticks: 6 };
const NARROW = { width: 320, ticks: 3 };
const HEIGHT = 220;
const LEFT = 44;
const RIGHT = 12;
const TOP = 10;
const FOOT = 28;
const LOWEST = HEIGHT - FOOT;
const HOUR_S = 3600;

export function TimeLine({ counts, wish, choose }: TimeLineProps) {
  const { topics: words } = texts.value;
  const { moments, step_s } = counts;
  const whenOf = (utc: number) => (step_s === HOUR_S ? momentOf(utc) : day(utc));
  const rows = () => [
    [
      words.from,
      words.labels.signs,
      words.labels.no_signs,
      words.labels.not_sure,
      words.share,
      words.low,
      words.high,
    ],
    ...moments.map((each) => [
      new Date(each.at_utc * 1000).toISOString(),
      each.signs,
      each.no_signs,
      each.not_sure,
      each.share?.value ?? null,
      each.share?.low ?? null,
      each.share?.high ?? null,
    ]),
  ];
  return (
    <Figure
      title={words.overTime}
      note={words.overTimeNote(words.steps(step_s))}
      file="topic-time"
      rows={rows}
    >
      {moments.length === 0 ? (
        <p class="blank">{words.nothingYet}</p>
      ) : (
        <Drawing moments={moments} step={step_s} wish={wish} choose={choose} whenOf={whenOf} />
      )}
    </Figure>
  );
}

interface DrawingProps {
  moments: readonly TopicMoment[];
  step: number;
  wish: Wish;
  choose: (wish: Wish) => void;
  whenOf: (utc: number) => string;
}

function Drawing({ moments, step, wish, choose, whenOf }: DrawingProps) {
  const { topics: words } = texts.value;
  const [active, setActive] = useState(0);
  const size = useMemo(() => (window.matchMedia("(max-width: 480px)").matches ? NARROW : WIDE), []);
  const group = useRef<SVGSVGElement>(null);
  const first = moments[0]?.at_utc ?? 0;
  const spanS = (moments.at(-1)?.at_utc ?? first) - first + step;
  const xOf = (utc: number) => LEFT + ((utc - first + step / 2) / spanS) * (size.width - LEFT - RIGHT);
  const top = Math.min(1, Math.max(0.1, ...moments.map((each) => each.share?.high ?? 0)));
  const yOf = (share: number) => LOWEST - (share / top) * (LOWEST - TOP);
  const move = (to: number) => {
    const next = Math.max(0, Math.min(moments.length - 1, to));
    setActive(next);
    group.current?.querySelectorAll<SVGGElement>(".moment")[next]?.focus();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing is no set of fields
    <svg
      ref={group}
      class="drawing time-line"
      viewBox={`0 0 ${size.width} ${HEIGHT}`}
      role="group"
      aria-label={words.overTimeKeys}
    >
      <Axes size={size} top={top} yOf={yOf} xOf={xOf} first={first} spanS={spanS} step={step} />
      <path class="line" d={linePath(moments, xOf, yOf)} />
      {moments.map((each, index) => (
        <Moment
          key={each.at_utc}
          moment={each}
          x={xOf(each.at_utc)}
          width={Math.max(4, ((size.width - LEFT - RIGHT) * step) / spanS)}
          yOf={yOf}
          isChosen={wish.from === each.at_utc && wish.until === each.at_utc + step}
          isStop={index === Math.min(active, moments.length - 1)}
          text={momentText(each, whenOf)}
          choose={() => choose(toggled(wish, { from: each.at_utc, until: each.at_utc + step }))}
          move={(by) => move(index + by)}
        />
      ))}
    </svg>
  );
}

function momentText(moment: TopicMoment, whenOf: (utc: number) => string): string {
  const { topics: words } = texts.value;
  const { share } = moment;
  const posts = count(moment.signs + moment.no_signs + moment.not_sure);
  const told = share ? words.shareOf(percent(share.value), percent(share.low), percent(share.high)) : "–";
  return words.momentOf(whenOf(moment.at_utc), told, posts);
}

function linePath(
  moments: readonly TopicMoment[],
  xOf: (utc: number) => number,
  yOf: (share: number) => number,
): string {
  const points = moments.flatMap((each) => (each.share ? [[xOf(each.at_utc), yOf(each.share.value)]] : []));
  return points
    .map(([x = 0, y = 0], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join("");
}

interface AxesProps {
  size: typeof WIDE;
  top: number;
  yOf: (share: number) => number;
  xOf: (utc: number) => number;
  first: number;
  spanS: number;
  step: number;
}

function Axes({ size, top, yOf, xOf, first, spanS, step }: AxesProps) {
  const every = Math.max(1, Math.ceil(spanS / step / size.ticks));
  const times = Array.from({ length: size.ticks }, (_, index) => first + index * every * step).filter(
    (utc) => utc < first + spanS,
  );
  return (
    <g>
      {[0, top / 2, top].map((share) => (
        <g key={share}>
          <path class="grid" d={`M${LEFT} ${yOf(share)}H${size.width - RIGHT}`} />
          <text class="tick" x={LEFT - 6} y={yOf(share) + 4} text-anchor="end">
            {percent(share)}
          </text>
        </g>
      ))}
      {times.map((utc) => (
        <text key={utc} class="tick" x={xOf(utc)} y={HEIGHT - 8} text-anchor="middle">
          {tick(utc, spanS)}
        </text>
      ))}
    </g>
  );
}

interface MomentProps {
  moment: TopicMoment;
  x: number;
  width: number;
  yOf: (share: number) => number;
  isChosen: boolean;
  isStop: boolean;
  text: string;
  choose: () => void;
  move: (by: number) => void;
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, Home: -1e6, End: 1e6 };

function Moment({ moment, x, width, yOf, isChosen, isStop, text, choose, move }: MomentProps) {
  const { share } = moment;
  const hear = (event: KeyboardEvent) => {
    const by = STEPS[event.key];
    if (by !== undefined) move(by);
    else if (event.key === "Enter" || event.key === " ") choose();
    else return;
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: within a drawing there is no button
    <g
      class="moment"
      role="button"
      tabindex={isStop ? 0 : -1}
      aria-label={text}
      aria-pressed={isChosen}
      onClick={choose}
      onKeyDown={hear}
    >
      <title>{text}</title>
      <rect class="reach" x={x - width / 2} y={TOP} width={width} height={LOWEST - TOP} />
      {share && (
        <>
          <path class="interval" d={`M${x} ${yOf(share.low)}V${yOf(share.high)}`} />
          <circle class="point" cx={x} cy={yOf(share.value)} r={isChosen ? 5 : 3.5} />
        </>
      )}
    </g>
  );
}
