/** Whether posts get on, in one line of the bar: an open socket alone says nothing of it. */

import { useEffect } from "preact/hooks";
import { connection } from "./api/live";
import { screening, silentS, type Word, watchScreening } from "./api/screening";
import { count, momentOfMs, rate, texts } from "./i18n";

/** How the screening stands, for whoever colours or says it. */
export function standing(): { state: Word["state"] | "silent" | "unknown"; text: string } {
  const { screening: words } = texts.value;
  if (silentS.value !== null) return { state: "silent", text: words.silent(count(silentS.value)) };
  const now = screening.value;
  if (now === null) return { state: "unknown", text: "" };
  switch (now.state) {
    case "works":
      return { state: "works", text: words.works(rate(now.posts_per_s), count(now.waiting)) };
    case "stands":
      return { state: "stands", text: words.stands(momentOfMs(now.since_ms ?? 0), count(now.waiting)) };
    case "off":
      return { state: "off", text: words.off };
    default:
      return { state: "ready", text: words.ready };
  }
}

export function ScreeningSign() {
  useEffect(watchScreening, []);
  const { state, text } = standing();
  const isTold = text !== "" && (connection.value === "live" || state === "silent");
  return (
    <p class="screening" data-state={state} role="status">
      {isTold && text}
    </p>
  );
}
