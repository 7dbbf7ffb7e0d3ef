/** What a person has chosen on this device; nothing of it leaves the browser. */

import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
export type Language = "en" | "es";

export const theme = signal<Theme>(stored("theme", ["system", "light", "dark"]) ?? "system");
export const language = signal<Language>(stored("language", ["en", "es"]) ?? spoken(navigator.languages));
export const hasSingleKeys = signal(stored("keys", ["on", "off"]) !== "off");

/** The first language of the browser that the page speaks, else English. */
export function spoken(wanted: readonly string[]): Language {
  for (const each of wanted) {
    if (each.toLowerCase().startsWith("es")) return "es";
    if (each.toLowerCase().startsWith("en")) return "en";
  }
  return "en";
}

/** Keep the document and the device in step with what was chosen. */
export function applyPreferences(): void {
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
    keep("theme", theme.value);
  });
  effect(() => {
    document.documentElement.lang = language.value;
    keep("language", language.value);
  });
  effect(() => keep("keys", hasSingleKeys.value ? "on" : "off"));
}

function stored<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
  try {
    const found = localStorage.getItem(name);
    return choices.find((choice) => choice === found);
  } catch {
    return undefined; // A browser may forbid storage; then the choice lasts as long as the page.
  }
}

function keep(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // As above.
  }
}
