/** Which posts of a search are looked at; it stands in the address, so that it can be sent to a colleague. */

import type { Choices } from "../address";
import { withQuery } from "../api/client";
import type { TopicLabel } from "../api/types";

/** What is not there is not asked for; a place or a language "" is an unknown one. */
export interface Wish {
  label?: TopicLabel;
  place?: string;
  language?: string;
  source?: string;
  from?: number;
  until?: number;
  word?: string;
  hashtag?: string;
}

export type WishName = keyof Wish;

export const labels = ["signs", "no_signs", "not_sure"] as const;
const NAMES: readonly WishName[] = [
  "label",
  "place",
  "language",
  "source",
  "from",
  "until",
  "word",
  "hashtag",
];
const TIMES: readonly WishName[] = ["from", "until"];

export function wishOf(choices: Choices): Wish {
  const given: [string, string | number][] = [];
  for (const name of NAMES) {
    const text = choices[name];
    if (text === undefined) continue;
    if (!TIMES.includes(name)) given.push([name, text]);
    else if (/^\d{1,11}$/.test(text)) given.push([name, Number(text)]);
  }
  const wish = Object.fromEntries(given) as Wish;
  return labels.some((each) => each === wish.label) ? wish : without(wish, "label");
}

/** The choices of a view with this wish in place of the one that they hold. */
export function withWish(choices: Choices, wish: Wish): Choices {
  const others = Object.entries(choices).filter(([name]) => !NAMES.some((each) => each === name));
  const given = Object.entries(wish).map(([name, value]): [string, string] => [name, String(value)]);
  return Object.fromEntries([...others, ...given]);
}

export function without(wish: Wish, ...names: WishName[]): Wish {
  return Object.fromEntries(Object.entries(wish).filter(([name]) => !names.some((each) => each === name)));
}

/** Ask for what is given; or no longer, where all of it is asked for already. */
export function toggled(wish: Wish, given: Wish): Wish {
  const names = Object.keys(given) as WishName[];
  return names.every((name) => wish[name] === given[name]) ? without(wish, ...names) : { ...wish, ...given };
}

export function addressWith(address: string, wish: Wish, query: Record<string, number> = {}): string {
  const { from, until, ...others } = wish;
  return withQuery(address, {
    ...query,
    ...(others as Record<string, string>),
    from_utc: from ?? null,
    until_utc: until ?? null,
  });
}
