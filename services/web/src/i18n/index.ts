/** The language of the page: its texts, and how it writes numbers and times. */

import { computed } from "@preact/signals";
import { language } from "../preferences";
import { type Catalogue, en } from "./en";
import { es } from "./es";

export const languages = { en: "English", es: "Español" } as const;

const catalogues: Record<keyof typeof languages, Catalogue> = { en, es };

export const texts = computed<Catalogue>(() => catalogues[language.value]);

/** One zone for all: two who review in different ones must not mean two days by one date. */
const ZONE = "UTC";
const DAY = { day: "numeric", month: "short", year: "numeric" } as const;
const MINUTE = { hour: "2-digit", minute: "2-digit" } as const;

const formats = computed(() => {
  const locale = language.value === "en" ? "en-GB" : "es-ES";
  return {
    whole: new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }),
    percent: new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }),
    rate: new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 }),
    compact: new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 3 }),
    coefficient: new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    term: new Intl.NumberFormat(locale, {
      signDisplay: "always",
      minimumFractionDigits: 2,
      maximumFractionDigits: 2,
    }),
    day: new Intl.DateTimeFormat(locale, { ...DAY, timeZone: ZONE }),
    month: new Intl.DateTimeFormat(locale, { month: "short", year: "numeric", timeZone: ZONE }),
    wholeMonth: new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: ZONE }),
    dayMonth: new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: ZONE }),
    time: new Intl.DateTimeFormat(locale, { ...MINUTE, timeZone: ZONE }),
    exactMoment: new Intl.DateTimeFormat(locale, {
      ...DAY,
      ...MINUTE,
      second: "2-digit",
      timeZone: ZONE,
      timeZoneName: "short",
    }),
    moment: new Intl.DateTimeFormat(locale, { ...DAY, ...MINUTE, timeZone: ZONE, timeZoneName: "short" }),
    ago: new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }),
  };
});

export const whole = (value: number): string => formats.value.whole.format(value);
/** A share without decimals; what is neither none nor all is not written as if it were. */
export function percent(value: number): string {
  const { percent: form } = formats.value;
  if (value > 0 && value < 0.005) return `< ${form.format(0.01)}`;
  if (value < 1 && value >= 0.995) return `> ${form.format(0.99)}`;
  return form.format(value);
}
export const compact = (value: number): string => formats.value.compact.format(value);
export const coefficient = (value: number): string => formats.value.coefficient.format(value);
export const term = (value: number): string => formats.value.term.format(value);

/** A rate or a count that may not be known: three significant digits, or a dash. */
export const rate = (value: number | null): string =>
  value === null ? "–" : Math.abs(value) >= 10_000 ? compact(value) : formats.value.rate.format(value);

export const count = (value: number | null): string => (value === null ? "–" : whole(value));

/** No calendar goes further; a time beyond it is written as a dash instead of breaking the page. */
const LAST_MS = 8.64e15;
const written = (form: Intl.DateTimeFormat, ms: number): string =>
  Math.abs(ms) <= LAST_MS ? form.format(ms) : "–";

export const momentOf = (utc: number): string => written(formats.value.moment, utc * 1000);
export const momentOfMs = (ms: number): string => written(formats.value.moment, ms);
export const exactMomentOfMs = (ms: number): string => written(formats.value.exactMoment, ms);
export const timeOf = (utc: number): string => written(formats.value.time, utc * 1000);
export const dayMonth = (utc: number): string => written(formats.value.dayMonth, utc * 1000);
export const monthOf = (utc: number): string => written(formats.value.wholeMonth, utc * 1000);
export const day = (utc: number): string => written(formats.value.day, utc * 1000);

/** Write the ticks of a time axis that spans `spanS` seconds, as short as the span allows. */
export function tick(utc: number, spanS: number): string {
  const form = formats.value;
  const isMidnight = utc % 86_400 === 0;
  if (spanS < 36 * 3600 && !isMidnight) return written(form.time, utc * 1000);
  if (spanS < 300 * 86_400) return written(form.dayMonth, utc * 1000);
  return written(form.month, utc * 1000);
}

const UNITS = [
  ["year", 31_557_600_000],
  ["month", 2_629_800_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** How long ago something was, in the largest unit of which there is a whole one. */
export function ago(ms: number, nowMs: number): string {
  if (Math.abs(ms) > LAST_MS) return "–";
  const passedMs = Math.max(0, nowMs - ms);
  const [unit, unitMs] = UNITS.find(([, each]) => passedMs >= each) ?? (["minute", 60_000] as const);
  return formats.value.ago.format(-Math.floor(passedMs / unitMs), unit);
}
