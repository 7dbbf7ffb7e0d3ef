import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connect, connection, disconnect, listen, onReturn, pauseMs } from "../src/api/live";

class FakeSocket {
  static opened: FakeSocket[] = [];
  onmessage: (frame: { data: string }) => void = () => undefined;
  onclose: (closed: { code: number }) => void = () => undefined;
  isClosed = false;

  constructor(readonly address: string) {
    FakeSocket.opened.push(this);
  }

  close(): void {
    this.isClosed = true;
  }

  say(event: object): void {
    this.onmessage({ data: JSON.stringify(event) });
  }
}

const latest = () => FakeSocket.opened.at(-1) as FakeSocket;
const HELLO = { type: "hello", name: "ada", role: "reviewer" };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("location", { protocol: "https:", host: "here" });
  vi.stubGlobal("window", { setTimeout, clearTimeout });
  FakeSocket.opened = [];
});

afterEach(() => {
  disconnect();
  vi.useRealTimers();
});

test("a connection that is lost comes back, and whoever cares is told", () => {
  const returned = vi.fn();
  const stop = onReturn(returned);
  connect(() => undefined);
  latest().say(HELLO);
  expect(returned).not.toHaveBeenCalled();

  latest().onclose({ code: 1006 });
  expect(connection.value).toBe("lost");
  vi.advanceTimersByTime(20_000);
  latest().say(HELLO);

  expect(connection.value).toBe("live");
  expect(returned).toHaveBeenCalledOnce();
  stop();
});

test("what may have changed before a connection that came late is loaded again", () => {
  const returned = vi.fn();
  const stop = onReturn(returned);
  connect(() => undefined);
  vi.advanceTimersByTime(3_000);
  latest().say(HELLO);

  expect(returned).toHaveBeenCalledOnce();
  stop();
});

test("a session that has ended is not connected again", () => {
  const refused = vi.fn();
  connect(refused);

  latest().onclose({ code: 4401 });
  vi.advanceTimersByTime(60_000);

  expect(refused).toHaveBeenCalledOnce();
  expect(FakeSocket.opened).toHaveLength(1);
});

test("who signs out hears nothing more", () => {
  const heard = vi.fn();
  const stop = listen(heard);
  connect(() => undefined);
  const old = latest();

  disconnect();
  old.say(HELLO);

  expect(old.isClosed).toBe(true);
  expect(heard).not.toHaveBeenCalled();
  stop();
});

test("pauses grow to a bound, and spread", () => {
  expect(pauseMs(1, 1)).toBe(500);
  expect(pauseMs(3, 0)).toBe(1000);
  expect(pauseMs(50, 1)).toBe(15_000);
});
