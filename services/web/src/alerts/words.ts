/** Where the words that contribute are in a text, by the models' own reading: services/depression/model/text.py. */

import type { Contribution } from "../api/types";

export interface Piece {
  text: string;
  /** What the word adds to the post's score; null where nothing is known to add. */
  adds: number | null;
}

/** Shown as nothing, within a word as well; joiners, which are part of it, are not among them. */
const INVISIBLE =
  "\\u00ad\\u034f\\u061c\\u180b-\\u180d\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u2069\\ufe00-\\ufe0f\\ufeff";
const WITHOUT = new RegExp(`[${INVISIBLE}]+`, "gu");
/** Words of two letters or more of any script with their marks, and the pronoun "i"; digits end a word. */
const WORD = new RegExp(
  `[\\p{L}\\p{Nl}\\p{No}](?:[\\p{L}\\p{Nl}\\p{No}]|[\\p{Mn}\\p{Mc}]|[\\u200c\\u200d${INVISIBLE}]+(?=[\\p{L}\\p{M}]))+` +
    "|(?<![\\p{L}\\p{N}\\p{M}])[iI](?![\\p{L}\\p{N}\\p{M}])",
  "gu",
);
const WORD_OR_SIGN = new RegExp(`${WORD.source}|\\p{Script=Han}`, "gu");
const CHINESE = /^\p{Script=Han}+$/u;
const SEGMENTER = new Intl.Segmenter("zh", { granularity: "word" });
const LONGEST_RUN = 2000;
/** A line that quotes somebody else. */
const QUOTE = /^[ \t\u200b\ufeff]{0,3}>(?!!|[:;]['-]?[()/\\|DPO3]|[._]<).*/gm;
/** What nobody's words are the author's in: lines that quote, where links lead to, addresses. */
const OTHERS = [
  QUOTE,
  /\]\((?:[^\s()]|\([^\s()]*\))+(?:\s+"[^"\n]*")?\s*\)/g,
  /(?<![\p{L}\p{N}_.-])(?:[a-z][a-z0-9+.-]*:\/\/|www\.|mailto:|[a-z0-9.+-]+@(?=[a-z0-9-]+\.[a-z])|(?:[a-z0-9-]+\.)+(?:[a-z]{2,}\/|(?:com|net|org)\b))[!#-;=?-~]*/giu,
];
const MOST_MARKS = 2000;

/** Cut a text into pieces that, joined, are the text; a marked piece is one word. */
export function markWords(text: string, words: readonly Contribution[]): Piece[] {
  const contributions = new Map(words);
  if (contributions.size === 0) return text === "" ? [] : [{ text, adds: null }];
  const pieces: Piece[] = [];
  let from = 0;
  let marks = 0;
  for (const { word, index, adds } of places(own(text), contributions)) {
    if (index > from) pieces.push({ text: text.slice(from, index), adds: null });
    pieces.push({ text: word, adds });
    from = index + word.length;
    marks += 1;
    if (marks === MOST_MARKS) break;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), adds: null });
  return pieces;
}

interface Place {
  word: string;
  index: number;
  adds: number;
}

/** Where the words are: whole ones, and, as Chinese has no spaces, Chinese ones within others. */
function* places(text: string, contributions: Map<string, number>): Generator<Place> {
  const chinese = [...contributions.keys()].filter((word) => CHINESE.test(word));
  const within = anyOf(chinese);
  for (const { 0: run, index } of text.matchAll(within ? WORD_OR_SIGN : WORD)) {
    const adds = contributions.get(inOneForm(run));
    if (adds !== undefined) yield { word: run, index, adds };
    else if (within) yield* chinesePlaces(run, index, within, contributions);
  }
}

function* chinesePlaces(
  run: string,
  from: number,
  within: RegExp,
  contributions: Map<string, number>,
): Generator<Place> {
  for (const { 0: word, index } of run.matchAll(within)) {
    if (isChineseWord(word, run, index))
      yield { word, index: from + index, adds: contributions.get(word) ?? 0 };
  }
}

/** What finds any of the words, of those that begin alike the longest; null of none. */
function anyOf(words: string[]): RegExp | null {
  const longestFirst = words.toSorted((one, other) => other.length - one.length);
  return words.length > 0 ? new RegExp(longestFirst.join("|"), "gu") : null;
}

/** Whether a word stands in a run of signs: a single sign may be part of another word. */
function isChineseWord(word: string, run: string, at: number): boolean {
  if ([...word].length > 1) return true;
  return run.length <= LONGEST_RUN && SEGMENTER.segment(run).containing(at)?.segment === word;
}

/** Cut a text where quotes begin and end; joined, the parts are the text. */
export function quotedParts(text: string): { text: string; isQuoted: boolean }[] {
  const parts: { text: string; isQuoted: boolean }[] = [];
  let from = 0;
  for (const { 0: line, index } of text.matchAll(QUOTE)) {
    const end = index + line.length;
    const last = parts.at(-1);
    // With but a new line between them, two quoted lines are one quote.
    if (last?.isQuoted && index - from === 1) last.text += text.slice(from, end);
    else {
      if (index > from) parts.push({ text: text.slice(from, index), isQuoted: false });
      parts.push({ text: line, isQuoted: true });
    }
    from = end;
  }
  if (from < text.length) parts.push({ text: text.slice(from), isQuoted: false });
  return parts;
}

/** The text with spaces in place of what is not the author's, so that every place stays the same. */
function own(text: string): string {
  return OTHERS.reduce((left, others) => left.replace(others, (found) => " ".repeat(found.length)), text);
}

function inOneForm(word: string): string {
  return word.normalize("NFC").replace(WITHOUT, "").toLowerCase().normalize("NFC");
}

/** Split contributions into those that raise and those that lower, the strongest first. */
export function bySign(words: readonly Contribution[]): {
  raising: Contribution[];
  lowering: Contribution[];
} {
  return {
    raising: words.filter(([, adds]) => adds > 0).sort((one, other) => other[1] - one[1]),
    lowering: words.filter(([, adds]) => adds < 0).sort((one, other) => one[1] - other[1]),
  };
}
