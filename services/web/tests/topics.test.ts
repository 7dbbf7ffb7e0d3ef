import { expect, test, vi } from "vitest";

vi.hoisted(() => {
  vi.stubGlobal("navigator", { languages: ["en"] });
});

import { slice } from "../src/topics/pie";
import { csv } from "../src/topics/take-away";
import { addressWith, toggled, type Wish, wishOf, without, withWish } from "../src/topics/wish";

test("a wish comes back from the address as it was, beside the view's other choices", () => {
  const wish: Wish = { label: "signs", place: "", from: 3600, until: 7200, word: "café & co" };

  const choices = withWish({ beside: "other", label: "no_signs" }, wish);

  expect(choices.beside).toBe("other");
  expect(wishOf(choices)).toEqual(wish);
});

test("what is no wish is left out", () => {
  expect(wishOf({ label: "everything", from: "soon", until: "-1", words: "frequent" })).toEqual({});
});

test("pressing the same mark twice asks for nothing", () => {
  const once = toggled({ word: "tea" }, { from: 1, until: 2 });

  expect(once).toEqual({ word: "tea", from: 1, until: 2 });
  expect(toggled(once, { from: 1, until: 2 })).toEqual({ word: "tea" });
  expect(toggled(once, { from: 2, until: 3 })).toEqual({ word: "tea", from: 2, until: 3 });
});

test("an unknown place is asked for by its empty name", () => {
  expect(addressWith("/x", { place: "", from: 5 }, { limit: 2 })).toBe("/x?limit=2&place=&from_utc=5");
  expect(addressWith("/x", without({ place: "" }, "place"))).toBe("/x");
});

test("a table programme takes no cell for a formula, and every text comes back", () => {
  expect(
    csv([
      ["a", "b"],
      ['say "hi", all', 1.5],
      ["=1+1", null],
      ["two\nlines", "-x"],
    ]),
  ).toBe('a,b\r\n"say ""hi"", all",1.5\r\n\'=1+1,\r\n"two\nlines",\'-x\r\n');
});

test("a slice of everything is all but a whole circle", () => {
  expect(slice(0, 0.25)).toBe("M60 60L60.000 4.000A56 56 0 0 1 116.000 60.000Z");
  expect(slice(0, 1)).toContain("A56 56 0 1 1 59.99");
});
