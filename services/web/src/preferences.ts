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

/** Keep the document in step with what holds, and the device with what was chosen: what nobody chose is not kept. */
export function applyPreferences(): void {
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
  });
  effect(() => {
    document.documentElement.lang = language.value;
  });
  keepChoice("theme", () => theme.value);
  keepChoice("language", () => language.value);
  keepChoice("keys", () => (hasSingleKeys.value ? "on" : "off"));
}

function keepChoice(name: string, read: () => string): void {
  const first = read();
  let isChosen = false;
  effect(() => {
    const now = read();
    isChosen ||= now !== first;
    if (isChosen) keep(name, now);
  });
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
