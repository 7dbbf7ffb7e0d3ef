import { expect, test } from "vitest";
import { bySign, markWords, quotedParts } from "../src/alerts/words";

const marked = (text: string, words: [string, number][]) =>
  markWords(text, words)
    .filter((piece) => piece.adds !== null)
    .map((piece) => piece.text);

test("a word is marked wherever it is whole, in any case", () => {
  expect(marked("Tired, TIRED, untired, tired1 tired_x", [["tired", 1]])).toEqual([
    "Tired",
    "TIRED",
    "tired",
    "tired",
  ]);
});

test("the pronoun i is a word by itself only", () => {
  expect(marked("I think i7 is it, i", [["i", 1]])).toEqual(["I", "i"]);
});

test("letters of every script make words", () => {
  expect(marked("Estoy cansadísima. 我很累", [["cansadísima", 1]])).toEqual(["cansadísima"]);
});

test("Chinese words are marked as they were segmented, with no space around", () => {
  const words: [string, number][] = [
    ["难过", 2],
    ["不想", 1],
    ["上班", 0.5],
    ["累", 1],
  ];

  expect(marked("今天很难过，我不想上班。累！", words)).toEqual(["难过", "不想", "上班", "累"]);
});

test("of Chinese words that begin alike the longest is marked", () => {
  expect(
    marked("不想上班", [
      ["不", -1],
      ["不想", 1],
      ["不想上班", 3],
    ]),
  ).toEqual(["不想上班"]);
  expect(
    marked("我不想去", [
      ["不", -1],
      ["不想", 1],
    ]),
  ).toEqual(["不想"]);
});

test("a single Chinese sign is no word where it is part of one", () => {
  expect(marked("好像下雨，茶好喝，真好。", [["像", 1]])).toEqual([]);
  expect(marked("我很累，也很困", [["很", 1]])).toEqual(["很", "很"]);
});

test("a long run of Chinese signs is marked within bounds", () => {
  expect(marked("难过".repeat(100_000), [["难过", 1]])).toHaveLength(2000);
});

test("a word is whole and in one form, with its accents, signs and joiners", () => {
  const text = "İyi I\u0301 épuisée e\u0301puise\u0301e हिन्दी می‌خواهم un\u00adable";
  const words: [string, number][] = ["i", "épuisée", "puis", "हिन्दी", "می‌خواهم", "unable"].map((word) => [
    word,
    1,
  ]);

  expect(marked(text, words)).toEqual(["épuisée", "e\u0301puise\u0301e", "हिन्दी", "می‌خواهم", "un\u00adable"]);
});

test("what others wrote, and addresses, are not marked", () => {
  const text = "> so sad\n\nsad >!sad!< [sad](https://a.example/sad) www.sad.org\n>:( sad\nme@sad.org";

  expect(marked(text, [["sad", 1]])).toHaveLength(4);
});

test("the pieces are the text, whatever it holds", () => {
  const text = "<b>tired</b>\u202e\u0000 & tired";
  const pieces = markWords(text, [["tired", 0.4]]);

  expect(pieces.map((piece) => piece.text).join("")).toBe(text);
});

test("a text of nothing but one word is marked within bounds", () => {
  expect(marked("tired ".repeat(100_000), [["tired", 1]])).toHaveLength(2000);
});

test("words that raise and that lower are apart, the strongest first", () => {
  const { raising, lowering } = bySign([
    ["a", 0.1],
    ["b", -2],
    ["c", 3],
    ["d", -0.5],
  ]);

  expect(raising.map(([word]) => word)).toEqual(["c", "a"]);
  expect(lowering.map(([word]) => word)).toEqual(["b", "d"]);
});

test("a quote is set apart, and nothing is lost", () => {
  const text = "I said\n> one line\n> and another\n\n> one more\nand >:( so on";

  const parts = quotedParts(text);

  expect(parts.filter((part) => part.isQuoted).map((part) => part.text)).toEqual([
    "> one line\n> and another",
    "> one more",
  ]);
  expect(parts.map((part) => part.text).join("")).toBe(text);
});
