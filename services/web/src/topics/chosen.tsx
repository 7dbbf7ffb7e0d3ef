/** What the posts are filtered by, each with a way to leave it out. */

import { day, momentOf, texts } from "../i18n";
import { Icon } from "../ui/icon";
import { visible } from "../ui/shown-text";
import { languageName, placeName } from "./names";
import { type Wish, type WishName, without } from "./wish";

interface ChosenProps {
  wish: Wish;
  choose: (wish: Wish) => void;
}

export function Chosen({ wish, choose }: ChosenProps) {
  const { topics: words } = texts.value;
  const chosen = told(wish);
  if (chosen.length === 0) return <p class="quiet">{words.pressToFilter}</p>;
  return (
    <fieldset class="chosen">
      <legend class="unseen">{words.filteredBy}</legend>
      {chosen.map(({ names, text }) => (
        <button
          key={text}
          type="button"
          class="button chip"
          aria-label={words.leaveOut(text)}
          onClick={() => choose(without(wish, ...names))}
        >
          {text} <Icon name="close" />
        </button>
      ))}
      <button type="button" class="button-text" onClick={() => choose({})}>
        {words.showAll}
      </button>
    </fieldset>
  );
}

function told(wish: Wish): { names: WishName[]; text: string }[] {
  const { topics: words } = texts.value;
  const { label, place, language, source, from, until, word, hashtag } = wish;
  const found: { names: WishName[]; text: string | undefined }[] = [
    { names: ["label"], text: label && words.labels[label] },
    { names: ["place"], text: place === undefined ? place : placeName(place, words.unknownPlace) },
    {
      names: ["language"],
      text: language === undefined ? language : languageName(language, words.unknownLanguage),
    },
    {
      names: ["source"],
      text: source && (words.sourceNames[source as keyof typeof words.sourceNames] ?? source),
    },
    { names: ["from", "until"], text: periodText(from, until) },
    { names: ["word"], text: word && `“${visible(word)}”` },
    { names: ["hashtag"], text: hashtag && `#${visible(hashtag)}` },
  ];
  return found.flatMap(({ names, text }) => (text ? [{ names, text }] : []));
}

const HOUR_S = 3600;
const DAY_S = 86_400;

export function periodText(from: number | undefined, until: number | undefined): string | undefined {
  const { topics: words } = texts.value;
  if (from === undefined && until === undefined) return undefined;
  if (from !== undefined && until === from + HOUR_S) return momentOf(from);
  if (from !== undefined && until === from + DAY_S) return day(from);
  const last = until === undefined ? "…" : day(until - 1);
  return words.period(from === undefined ? "…" : day(from), last);
}
