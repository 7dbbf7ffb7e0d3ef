/** Where the words that contribute are in a text, by the model's own rule of what a word is. */

import type { Contribution } from "../api/types";

export interface Piece {
  text: string;
  /** What the word adds to the post's score; null where nothing is known to add. */
  adds: number | null;
}

/** Words of two letters or more of any script, and the pronoun "i"; digits and underscores end a word. */
const WORD = /[\p{L}\p{Nl}\p{No}]{2,}|(?<![\p{L}\p{N}])[iI](?![\p{L}\p{N}])/gu;
const MOST_MARKS = 2000;

/** Cut a text into pieces that, joined, are the text; a marked piece is one word. */
export function markWords(text: string, words: readonly Contribution[]): Piece[] {
  const contributions = new Map(words);
  if (contributions.size === 0) return text === "" ? [] : [{ text, adds: null }];
  const pieces: Piece[] = [];
  let from = 0;
  let marks = 0;
  for (const match of text.matchAll(WORD)) {
    const adds = contributions.get(match[0].toLowerCase());
    if (adds === undefined) continue;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), adds: null });
    pieces.push({ text: match[0], adds });
    from = match.index + match[0].length;
    marks += 1;
    if (marks === MOST_MARKS) break;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), adds: null });
  return pieces;
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
