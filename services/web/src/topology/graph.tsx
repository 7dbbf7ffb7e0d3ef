/** The topology as a picture whose boxes are links. */

import { useMemo } from "preact/hooks";
import { addressOf } from "../address";
import type { Topology, TopologyNode } from "../api/types";
import { compact, rate, texts } from "../i18n";
import { BOX_HEIGHT, BOX_WIDTH, type Box, layOut } from "./layout";

/** Smaller than this its texts cannot be read; then the picture scrolls. */
const LEAST_SCALE = 0.8;
/** One rem is so many units of the drawing: it grows with the page's letters. */
const REM = 16;

interface GraphProps {
  topology: Topology;
  chosen: string | null;
  isUpright: boolean;
}

export function Graph({ topology, chosen, isUpright }: GraphProps) {
  const words = texts.value.topology;
  const layout = useMemo(() => layOut(topology, isUpright), [topology, isUpright]);
  const touches = (line: { from: string; to: string }) => line.from === chosen || line.to === chosen;
  return (
    <svg
      class="graph"
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      style={{ width: `${layout.width / REM}rem`, minWidth: `${(layout.width * LEAST_SCALE) / REM}rem` }}
    >
      <title>{words.graph}</title>
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M1 1 7 4 1 7" />
        </marker>
      </defs>
      {layout.lines.map((line) => (
        <path
          key={`${line.from} ${line.to} ${line.topic}`}
          class="graph-line"
          data-back={line.isBack}
          data-touches={touches(line)}
          d={line.path}
          marker-end="url(#arrow)"
        >
          <title>{line.topic}</title>
        </path>
      ))}
      {layout.boxes.map((box) => (
        <NodeBox key={box.node.name} box={box} isChosen={box.node.name === chosen} />
      ))}
    </svg>
  );
}

function NodeBox({ box, isChosen }: { box: Box; isChosen: boolean }) {
  const { node, x, y } = box;
  const words = texts.value.topology;
  return (
    <g transform={`translate(${x} ${y})`}>
      <a
        href={addressOf("topology", node.name)}
        class="graph-node"
        data-kind={node.kind}
        data-state={stateOf(node)}
        aria-current={isChosen ? "true" : undefined}
      >
        <rect width={BOX_WIDTH} height={BOX_HEIGHT} rx="6" />
        <path class="graph-edge" d={`M0 6a6 6 0 0 1 6-6v${BOX_HEIGHT}a6 6 0 0 1-6-6z`} />
        <text class="graph-name" x="16" y="25">
          {shorten(node.name)}
        </text>
        <text x="16" y="47">
          {words.perS(rate(node.in_per_s ?? node.out_per_s))}
        </text>
        <text class="graph-aside" x={BOX_WIDTH - 12} y="47">
          {node.paused_until_ms !== null && <tspan class="graph-dead">‖ </tspan>}
          {node.restarts > 0 && <tspan class="graph-dead">↻ {compact(node.restarts)} </tspan>}×{node.running}
        </text>
        <text class={node.lag ? "graph-lag" : undefined} x="16" y="67">
          {node.lag === null ? "" : words.lagOf(compact(node.lag))}
        </text>
        {node.dead_letters > 0 && (
          <text class="graph-aside graph-dead" x={BOX_WIDTH - 12} y="67">
            † {compact(node.dead_letters)}
          </text>
        )}
      </a>
    </g>
  );
}

/** What the edge of a box says. A source that does not run may have come to its end. */
export function stateOf(node: TopologyNode): "down" | "ended" | "trouble" | "well" {
  if (node.running === 0) return node.kind === "source" ? "ended" : "down";
  const isWhole = node.running >= node.replicas && node.restarts === 0 && node.paused_until_ms === null;
  return node.dead_letters > 0 || !isWhole ? "trouble" : "well";
}

function shorten(name: string): string {
  return name.length > 18 ? `${name.slice(0, 17)}…` : name;
}
