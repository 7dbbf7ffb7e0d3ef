/** Where the boxes of a topology go: layers by the longest way from a source, ordered so that few lines cross. */

import type { Topology, TopologyNode } from "../api/types";

export interface Box {
  node: TopologyNode;
  x: number;
  y: number;
}

export interface Line {
  from: string;
  to: string;
  topic: string;
  /** Leads to an earlier layer: part of a cycle. */
  isBack: boolean;
  path: string;
}

export interface Layout {
  boxes: Box[];
  lines: Line[];
  width: number;
  height: number;
}

export const BOX_WIDTH = 172;
export const BOX_HEIGHT = 80;
const GAP_ACROSS = 36;
const GAP_DOWN = 24;
/** How far apart a line from a box to itself leaves and enters. */
const LOOP = 36;
const MARGIN = 16;
const SWEEPS = 8;

interface Edge {
  from: string;
  to: string;
  topic: string;
}

/** Lay a topology out from left to right, or from top to bottom on a narrow page. */
export function layOut(topology: Topology, isUpright: boolean): Layout {
  const edges = edgesOf(topology);
  const depth = depths(
    topology.nodes.map((node) => node.name),
    edges,
  );
  const layers = orderLayers(intoLayers(topology.nodes, depth), edges);
  const boxes = place(layers, isUpright);
  const places = new Map(boxes.map((box) => [box.node.name, box]));
  const lines = edges.flatMap((edge) => {
    const from = places.get(edge.from);
    const to = places.get(edge.to);
    if (!from || !to) return [];
    const isBack = (depth.get(edge.to) ?? 0) <= (depth.get(edge.from) ?? 0);
    return [{ ...edge, isBack, path: curve(from, to, isBack, isUpright) }];
  });
  return { boxes, lines, ...extent(boxes, lines, isUpright) };
}

/** One line per topic, writer and reader. */
export function edgesOf(topology: Topology): Edge[] {
  return topology.nodes.flatMap((writer) =>
    writer.writes.flatMap(({ topic }) =>
      topology.nodes
        .filter((reader) => reader.reads.includes(topic))
        .map((reader) => ({ from: writer.name, to: reader.name, topic })),
    ),
  );
}

/** The longest way to each node from where nothing leads to, edges that close a cycle left out. */
export function depths(names: readonly string[], edges: readonly Edge[]): Map<string, number> {
  const { order, closing } = walk(names, edges);
  const depth = new Map(names.map((name) => [name, 0]));
  for (const name of order) {
    const below = (depth.get(name) ?? 0) + 1;
    for (const edge of edges) {
      if (edge.from !== name || closing.has(edge)) continue;
      depth.set(edge.to, Math.max(depth.get(edge.to) ?? 0, below));
    }
  }
  return depth;
}

/** Nodes in an order in which every edge leads onwards, but for those that close a cycle. */
function walk(names: readonly string[], edges: readonly Edge[]): { order: string[]; closing: Set<Edge> } {
  const closing = new Set<Edge>();
  const seen = new Set<string>();
  const onWay = new Set<string>();
  const done: string[] = [];
  const visit = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    onWay.add(name);
    for (const edge of edges.filter((each) => each.from === name)) {
      if (onWay.has(edge.to)) closing.add(edge);
      else visit(edge.to);
    }
    onWay.delete(name);
    done.push(name);
  };
  const entered = new Set(edges.map((edge) => edge.to));
  for (const name of names) if (!entered.has(name)) visit(name);
  for (const name of names) visit(name);
  return { order: done.reverse(), closing };
}

function intoLayers(nodes: readonly TopologyNode[], depth: Map<string, number>): TopologyNode[][] {
  const layers: TopologyNode[][] = [];
  for (const node of nodes) {
    const at = depth.get(node.name) ?? 0;
    layers[at] = [...(layers[at] ?? []), node];
  }
  return layers.filter((layer) => layer !== undefined);
}

/** Sort each layer by the mean place of its neighbours, to and fro until it settles. */
function orderLayers(layers: TopologyNode[][], edges: readonly Edge[]): TopologyNode[][] {
  let ordered = layers;
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const rank = new Map(
      ordered.flatMap((layer) =>
        layer.map((node, index) => [node.name, index - (layer.length - 1) / 2] as const),
      ),
    );
    ordered = ordered.map((layer) =>
      layer
        .map((node) => ({ node, at: meanRank(node.name, edges, rank, sweep % 2 === 0) }))
        .sort((one, other) => one.at - other.at)
        .map(({ node }) => node),
    );
  }
  return ordered;
}

function meanRank(
  name: string,
  edges: readonly Edge[],
  rank: Map<string, number>,
  isForward: boolean,
): number {
  const others = edges
    .filter((edge) => (isForward ? edge.to : edge.from) === name)
    .map((edge) => rank.get(isForward ? edge.from : edge.to) ?? 0);
  if (others.length === 0) return rank.get(name) ?? 0;
  return others.reduce((sum, each) => sum + each, 0) / others.length;
}

function place(layers: TopologyNode[][], isUpright: boolean): Box[] {
  const most = Math.max(1, ...layers.map((layer) => layer.length));
  const [along, aside] = isUpright
    ? [BOX_HEIGHT + GAP_ACROSS, BOX_WIDTH + GAP_DOWN]
    : [BOX_WIDTH + GAP_ACROSS, BOX_HEIGHT + GAP_DOWN];
  return layers.flatMap((layer, at) =>
    layer.map((node, index) => {
      const far = MARGIN + at * along;
      const side = MARGIN + (index + (most - layer.length) / 2) * aside;
      return isUpright ? { node, x: side, y: far } : { node, x: far, y: side };
    }),
  );
}

function curve(from: Box, to: Box, isBack: boolean, isUpright: boolean): string {
  if (isBack) return around(from, to, isUpright);
  if (isUpright) {
    const [x1, y1] = [from.x + BOX_WIDTH / 2, from.y + BOX_HEIGHT];
    const [x2, y2] = [to.x + BOX_WIDTH / 2, to.y];
    const bend = Math.min(GAP_ACROSS, (y2 - y1) / 2);
    return `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`;
  }
  const [x1, y1] = [from.x + BOX_WIDTH, from.y + BOX_HEIGHT / 2];
  const [x2, y2] = [to.x, to.y + BOX_HEIGHT / 2];
  const bend = Math.min(GAP_ACROSS, (x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

/** A line back runs outside of the boxes; one from a box to itself leaves and enters at different places. */
function around(from: Box, to: Box, isUpright: boolean): string {
  const apart = from === to ? LOOP / 2 : 0;
  if (isUpright) {
    const [x1, y1] = [from.x + BOX_WIDTH, from.y + BOX_HEIGHT / 2 + apart];
    const [x2, y2] = [to.x + BOX_WIDTH, to.y + BOX_HEIGHT / 2 - apart];
    const out = Math.max(x1, x2) + GAP_DOWN;
    return `M${x1} ${y1}C${out} ${y1} ${out} ${y2} ${x2} ${y2}`;
  }
  const [x1, y1] = [from.x + BOX_WIDTH / 2 + apart, from.y + BOX_HEIGHT];
  const [x2, y2] = [to.x + BOX_WIDTH / 2 - apart, to.y + BOX_HEIGHT];
  const out = Math.max(y1, y2) + GAP_DOWN;
  return `M${x1} ${y1}C${x1} ${out} ${x2} ${out} ${x2} ${y2}`;
}

function extent(boxes: Box[], lines: Line[], isUpright: boolean): { width: number; height: number } {
  const room = lines.some((line) => line.isBack) ? GAP_DOWN : 0;
  const width = Math.max(0, ...boxes.map((box) => box.x + BOX_WIDTH)) + MARGIN + (isUpright ? room : 0);
  const height = Math.max(0, ...boxes.map((box) => box.y + BOX_HEIGHT)) + MARGIN + (isUpright ? 0 : room);
  return { width, height };
}
