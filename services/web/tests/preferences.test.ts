import { beforeEach, expect, test, vi } from "vitest";

const stored = vi.hoisted(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("navigator", { languages: ["es-ES"] });
  vi.stubGlobal("document", { documentElement: { dataset: {}, lang: "" } });
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  });
  return kept;
});

import { applyPreferences, language, theme } from "../src/preferences";

beforeEach(applyPreferences);

test("what nobody has chosen is not kept, so that it follows the browser", () => {
  expect(document.documentElement.lang).toBe("es");
  expect(stored.size).toBe(0);
});

test("what was chosen is kept, also when it is what the browser would have", () => {
  theme.value = "dark";
  language.value = "en";
  language.value = "es";

  expect(Object.fromEntries(stored)).toEqual({ theme: "dark", language: "es" });
});
