/** How numbers and times are written. */

import { beforeEach, expect, test, vi } from "vitest";

vi.hoisted(() => vi.stubGlobal("navigator", { languages: ["en"] }));

import { ago, day, momentOf, percent, tick } from "../src/i18n";
import { language } from "../src/preferences";

const DAY_S = 86_400;
const DAY_MS = DAY_S * 1000;
// 12 March 2024, 23:30 UTC: the 13th east of Greenwich.
const LATE_UTC = 1_710_286_200;

beforeEach(() => {
  language.value = "en";
});

test("what is neither none nor all is not written as if it were", () => {
  expect([0, 0.001, 0.005, 0.5, 0.994, 0.995, 0.9999, 1].map(percent)).toEqual([
    "0%",
    "< 1%",
    "1%",
    "50%",
    "99%",
    "> 99%",
    "> 99%",
    "100%",
  ]);
});

test("a time has a day, and a zone that is the same for everybody", () => {
  expect(momentOf(LATE_UTC)).toBe("12 Mar 2024, 23:30 UTC");
  expect(day(LATE_UTC)).toBe("12 Mar 2024");
});

test("on an axis of hours midnight is told by its day", () => {
  const midnight = Math.ceil(LATE_UTC / DAY_S) * DAY_S;

  expect(tick(midnight, 10 * 3600)).toBe("13 Mar");
  expect(tick(midnight - 3600, 10 * 3600)).toBe("23:00");
  expect(tick(midnight, 400 * DAY_S)).toBe("Mar 2024");
});

test("how long ago is told in the largest unit that is whole", () => {
  const now = 1000 * DAY_MS;

  expect(
    [0, 59_000, 3 * 60_000, 5 * 3_600_000, DAY_MS, 40 * DAY_MS, 800 * DAY_MS].map((each) =>
      ago(now - each, now),
    ),
  ).toEqual(["this minute", "this minute", "3 min ago", "5 hr ago", "yesterday", "last mo", "2 yr ago"]);
});
