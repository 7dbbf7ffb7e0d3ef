import { expect, test } from "vitest";
import { en } from "../src/i18n/en";
import { es } from "../src/i18n/es";

/** Words that both languages write alike. */
const SAME = new Set(["JSON Lines", "CSV", "{1}/s", "{1}: {2}.", "no"]);

function* texts(catalogue: object, path = ""): Generator<[string, string]> {
  for (const [name, entry] of Object.entries(catalogue)) {
    const at = `${path}.${name}`;
    if (typeof entry === "string") yield [at, entry];
    else if (typeof entry === "function") yield [at, String(entry("{1}", "{2}", "{3}"))];
    else yield* texts(entry as object, at);
  }
}

test("every text is translated, and says all that it is given", () => {
  const spanish = new Map(texts(es));

  for (const [path, english] of texts(en)) {
    const translated = spanish.get(path) ?? "";
    if (!SAME.has(english)) expect(translated, path).not.toBe(english);
    expect(translated.match(/\{\d\}/g)?.sort(), path).toEqual(english.match(/\{\d\}/g)?.sort());
  }
});
