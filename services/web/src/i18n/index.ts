/** The language of the page: its texts, and how it writes numbers and times. */

import { computed } from "@preact/signals";
import { language } from "../preferences";
import { type Catalogue, en } from "./en";
import { es } from "./es";

export const languages = { en: "English", es: "Español" } as const;

const catalogues: Record<keyof typeof languages, Catalogue> = { en, es };

export const texts = computed<Catalogue>(() => catalogues[language.value]);

const formats = computed(() => {
  const locale = language.value === "en" ? "en-GB" : "es-ES";
  return {
    whole: new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }),
    percent: new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }),
    exactPercent: new Intl.NumberFormat(locale, {
      style: "percent",
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
    }),
    rate: new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 }),
    compact: new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 3 }),
    coefficient: new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    term: new Intl.NumberFormat(locale, {
      signDisplay: "always",
      minimumFractionDigits: 2,
      maximumFractionDigits: 2,
    }),
    day: new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" }),
    month: new Intl.DateTimeFormat(locale, { month: "short", year: "numeric" }),
    dayMonth: new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" }),
    time: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }),
    exactMoment: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }),
    moment: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }),
  };
});

export const whole = (value: number): string => formats.value.whole.format(value);
export const percent = (value: number): string => formats.value.percent.format(value);
export const exactPercent = (value: number): string => formats.value.exactPercent.format(value);
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
export const day = (utc: number): string => written(formats.value.day, utc * 1000);

/** Write the ticks of a time axis that spans `spanS` seconds, as short as the span allows. */
export function tick(utc: number, spanS: number): string {
  const form = formats.value;
  if (spanS < 36 * 3600) return written(form.time, utc * 1000);
  if (spanS < 300 * 86_400) return written(form.dayMonth, utc * 1000);
  return written(form.month, utc * 1000);
}
