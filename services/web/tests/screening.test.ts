import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connect, disconnect } from "../src/api/live";
import { SILENT_AFTER_MS, screening, silentS, watchScreening } from "../src/api/screening";

let say: (event: object) => void = () => undefined;
let stop: () => void = () => undefined;

class FakeSocket {
  onmessage: (frame: { data: string }) => void = () => undefined;
  onclose: (closed: { code: number }) => void = () => undefined;

  constructor() {
    say = (event) => this.onmessage({ data: JSON.stringify(event) });
  }

  close(): void {
    this.onclose({ code: 1000 });
  }
}

const STATISTICS = {
  type: "statistics",
  posts_per_s: 90,
  screening: { state: "works", waiting: 7, nodes: [], since_ms: null },
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("location", { protocol: "https:", host: "here" });
  vi.stubGlobal("window", { setTimeout, clearTimeout, setInterval, clearInterval });
  stop = watchScreening();
  connect(() => undefined);
  say({ type: "hello" });
});

afterEach(() => {
  stop();
  disconnect();
  vi.useRealTimers();
});

test("what the screening does is what the server has said last", () => {
  say(STATISTICS);

  expect(screening.value).toMatchObject({ state: "works", waiting: 7, posts_per_s: 90 });
});

test("a server that says nothing is not there, however open the socket is", () => {
  say(STATISTICS);
  vi.advanceTimersByTime(SILENT_AFTER_MS - 1000);
  expect(silentS.value).toBeNull();

  vi.advanceTimersByTime(2000);
  expect(silentS.value).toBeGreaterThanOrEqual(8);
  say(STATISTICS);

  expect(silentS.value).toBeNull();
});
