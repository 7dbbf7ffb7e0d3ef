/** The colours of the style sheet for what is drawn on a canvas. */

import { computed, signal } from "@preact/signals";
import { theme } from "../preferences";

export const colourNames = ["ink", "quiet", "line", "accent", "raise", "surface"] as const;
export type Palette = Record<(typeof colourNames)[number], string>;

const system = window.matchMedia("(prefers-color-scheme: dark)");
const isSystemDark = signal(system.matches);
system.addEventListener("change", (event) => {
  isSystemDark.value = event.matches;
});

/** Changes with the colours of the page. */
export const colourChange = computed(() =>
  theme.value === "system" ? (isSystemDark.value ? "dark" : "light") : theme.value,
);

/** Resolve the custom properties where `place` is: only a property of an element says what light-dark() came to. */
export function paletteAt(place: HTMLElement): Palette {
  const probe = document.createElement("i");
  place.append(probe);
  const entries = colourNames.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color] as const;
  });
  probe.remove();
  return Object.fromEntries(entries) as Palette;
}
