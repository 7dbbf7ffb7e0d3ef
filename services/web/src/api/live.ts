/** The page's one WebSocket: it reconnects by itself, and hands every event to whoever listens. */

import { signal } from "@preact/signals";
import type { LiveEvent } from "./types";

export type Connection = "off" | "connecting" | "live" | "lost";

export const connection = signal<Connection>("off");

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const SIGNED_OUT = 4401;
const FOREIGN = 4403;
/** What changed longer before the connection stood is not sent, and may be later than what was loaded. */
const SOON_MS = 1000;

type Listener = (event: LiveEvent) => void;

const listeners = new Set<Listener>();
const returns = new Set<() => void>();

let socket: WebSocket | null = null;
let timer: number | undefined;
let failures = 0;
let wasLost = false;
let asked = 0;
let whenRefused: () => void = () => undefined;

/** Hear every event until the function that is returned is called. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Be told when the connection stands late, or again after it was lost: what happened before is not sent. */
export function onReturn(act: () => void): () => void {
  returns.add(act);
  return () => returns.delete(act);
}

/** Connect, and stay connected until `disconnect`. `refused`: the session has ended. */
export function connect(refused: () => void): void {
  whenRefused = refused;
  if (socket !== null) return;
  asked = performance.now();
  open();
}

export function disconnect(): void {
  window.clearTimeout(timer);
  const old = socket;
  socket = null;
  failures = 0;
  wasLost = false;
  old?.close();
  connection.value = "off";
}

/** Pause before the n-th attempt, longer each time, and never the same for all browsers of a server. */
export function pauseMs(failure: number, random: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failure - 1));
  return longest * (0.5 + random / 2);
}

function open(): void {
  window.clearTimeout(timer);
  connection.value = wasLost ? "lost" : "connecting";
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const current = new WebSocket(`${scheme}://${location.host}/api/v1/live`);
  socket = current;
  current.onmessage = (frame: MessageEvent<string>) => {
    if (current === socket) receive(JSON.parse(frame.data) as LiveEvent);
  };
  current.onclose = (closed) => {
    if (current === socket) lose(closed.code);
  };
}

function receive(event: LiveEvent): void {
  if (event.type === "hello") {
    failures = 0;
    connection.value = "live";
    if (wasLost || performance.now() - asked > SOON_MS) for (const act of returns) act();
    wasLost = false;
  }
  for (const listener of listeners) listener(event);
}

function lose(code: number): void {
  socket = null;
  if (code === SIGNED_OUT || code === FOREIGN) {
    connection.value = "off";
    whenRefused();
    return;
  }
  wasLost = true;
  failures += 1;
  connection.value = "lost";
  timer = window.setTimeout(open, pauseMs(failures, Math.random()));
}
