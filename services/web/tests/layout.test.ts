import { expect, test } from "vitest";
import type { Topology } from "../src/api/types";
import { BOX_HEIGHT, BOX_WIDTH, depths, edgesOf, layOut } from "../src/topology/layout";

/** A topology of nodes such as `"b: x > y"`: b reads x and writes y. */
function topology(...nodes: string[]): Topology {
  const parsed = nodes.map((node) => {
    const [name = "", ways = ""] = node.split(": ");
    const [reads = "", writes = ""] = ways.split(">").map((side) => side.trim());
    return { name, reads: reads.split(" ").filter(Boolean), writes: writes.split(" ").filter(Boolean) };
  });
  return {
    name: "test",
    partitions: 1,
    topics: [],
    nodes: parsed.map(({ name, reads, writes }) => ({
      name,
      reads,
      writes: writes.map((topic) => ({ port: "out", topic })),
      service: "",
      kind: "middle",
      replicas: 1,
      running: 1,
      in_per_s: 0,
      out_per_s: 0,
      lag: 0,
      dead_letters: 0,
      restarts: 0,
      restarted_ms: null,
      last_error: null,
      paused_until_ms: null,
    })),
  };
}

const depthsOf = (declared: Topology) =>
  Object.fromEntries(
    depths(
      declared.nodes.map((node) => node.name),
      edgesOf(declared),
    ),
  );

test("a node is one layer after the last of those it reads from", () => {
  const diamond = topology("a: > x", "b: x > y", "c: x y > z", "d: z >");

  expect(depthsOf(diamond)).toEqual({ a: 0, b: 1, c: 2, d: 3 });
});

test("a cycle ends, and the line that closes it leads back", () => {
  const cycle = topology("a: > x", "b: x again > y", "c: y > again");

  expect(depthsOf(cycle)).toEqual({ a: 0, b: 1, c: 2 });
  expect(layOut(cycle, false).lines.filter((line) => line.isBack)).toMatchObject([{ from: "c", to: "b" }]);
});

test("a ring without an entrance is drawn too", () => {
  expect(layOut(topology("a: y > x", "b: x > y"), false).boxes).toHaveLength(2);
});

test.each([true, false])("a node that reads what it writes has a loop, upright: %s", (isUpright) => {
  const [loop] = layOut(topology("a: again > again"), isUpright).lines;
  const [start, end] = loop?.path.match(/[\d.]+ [\d.]+(?=C|$)/g) ?? [];

  expect(start).toBeTruthy();
  expect(start).not.toBe(end);
});

test.each([true, false])("no two boxes overlap, upright: %s", (isUpright) => {
  const wide = topology("a: > x", "b: x > y", "c: x > y", "d: x >", "e: y >");
  const { boxes, width, height } = layOut(wide, isUpright);

  for (const [at, box] of boxes.entries()) {
    expect(box.x + BOX_WIDTH).toBeLessThanOrEqual(width);
    expect(box.y + BOX_HEIGHT).toBeLessThanOrEqual(height);
    for (const other of boxes.slice(at + 1)) {
      const isApart = Math.abs(box.x - other.x) >= BOX_WIDTH || Math.abs(box.y - other.y) >= BOX_HEIGHT;
      expect(isApart).toBe(true);
    }
  }
});
