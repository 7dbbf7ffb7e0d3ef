import { expect, test } from "vitest";
import { outsiderOf } from "../src/topology/outside";

const nodes = [
  { reads: ["texts"], writes: [{ port: "out", topic: "scores" }] },
  { reads: ["scores"], writes: [{ port: "out", topic: "alerts" }] },
];

test.each([
  ["texts", "written"],
  ["alerts", "read"],
  ["scores", "both"],
])("what is done outside with %s is told: %s", (topic, done) => {
  expect(outsiderOf(topic, nodes)).toBe(done);
});
