/** What places and languages are called in the language of the page. */

import { language } from "../preferences";

const SEPARATOR = "/";

/** "ES/Madrid" is Madrid, Spain. */
export function placeName(place: string, unknown: string): string {
  if (place === "") return unknown;
  const [country = "", city] = place.split(SEPARATOR);
  const named = displayed("region", country);
  return city === undefined ? named : `${city}, ${named}`;
}

export function languageName(code: string, unknown: string): string {
  return code === "" ? unknown : displayed("language", code);
}

function displayed(type: "region" | "language", code: string): string {
  try {
    return new Intl.DisplayNames(language.value, { type }).of(code) ?? code;
  } catch {
    return code;
  }
}
