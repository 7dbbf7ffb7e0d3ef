/** What the screening does, as the server has last said, and for how long it has said nothing. */

import { signal } from "@preact/signals";
import { connection, listen } from "./live";
import type { Screening } from "./types";

/** The server speaks every two seconds: after so long without a word it is not there, whatever the socket says. */
export const SILENT_AFTER_MS = 8000;
const LOOK_EVERY_MS = 1000;

export interface Word extends Screening {
  posts_per_s: number | null;
}

export const screening = signal<Word | null>(null);
/** For how many seconds nothing was heard, where that is too long; else null. */
export const silentS = signal<number | null>(null);

/** Listen until the function that is returned is called. */
export function watchScreening(): () => void {
  let heardMs = performance.now();
  const stop = listen((event) => {
    heardMs = performance.now();
    silentS.value = null;
    if (event.type === "statistics") screening.value = { ...event.screening, posts_per_s: event.posts_per_s };
  });
  const timer = window.setInterval(() => {
    const isThere = connection.value === "live";
    if (!isThere) heardMs = performance.now();
    const quietMs = performance.now() - heardMs;
    silentS.value = isThere && quietMs >= SILENT_AFTER_MS ? Math.floor(quietMs / 1000) : null;
  }, LOOK_EVERY_MS);
  return () => {
    stop();
    window.clearInterval(timer);
    screening.value = null;
    silentS.value = null;
  };
}
