/** What the posts of one search come to, of those that are wished for: every chart of it. */

import { useEffect, useRef } from "preact/hooks";
import { path } from "../api/client";
import type { Topic, TopicCounts, TopicValue } from "../api/types";
import { count, percent, texts } from "../i18n";
import { useLoad } from "../ui/load";
import { ProblemNote } from "../ui/problem";
import { type Bar, Bars } from "./bars";
import { languageName, placeName } from "./names";
import { Pie } from "./pie";
import { TimeLine } from "./time-line";
import { addressWith, type Wish, without } from "./wish";
import { Words } from "./words";

interface SideProps {
  topic: Topic;
  wish: Wish;
  choose: (wish: Wish) => void;
  side: string;
}

export function Side({ topic, wish, choose, side }: SideProps) {
  const { loading } = texts.value;
  const { answer, error, reload } = useLoad<TopicCounts>(
    addressWith(path("topics", topic.id, "counts"), without(wish, "label")),
  );
  const isInTime = wish.from !== undefined || wish.until !== undefined;
  // The line over time shows all of it, so that another mark can be pressed.
  const { answer: atAnyTime } = useLoad<TopicCounts>(
    isInTime
      ? addressWith(path("topics", topic.id, "counts"), without(wish, "label", "from", "until"))
      : null,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time more has been judged
  useEffect(() => reload(), [topic.judged, reload]);
  const last = useRef<TopicCounts | undefined>(undefined);
  if (answer) last.current = answer;
  const shown = answer ?? last.current;
  return (
    <div class="topic-side" aria-busy={answer === undefined}>
      {error ? (
        <ProblemNote error={error} retry={reload} />
      ) : shown ? (
        <Charts
          counts={shown}
          atAnyTime={isInTime ? (atAnyTime ?? shown) : shown}
          wish={wish}
          choose={choose}
          side={side}
        />
      ) : (
        <p class="blank">{loading}</p>
      )}
    </div>
  );
}

interface ChartsProps {
  counts: TopicCounts;
  /** The same at any time. */
  atAnyTime: TopicCounts;
  wish: Wish;
  choose: (wish: Wish) => void;
  side: string;
}

function Charts({ counts, atAnyTime, wish, choose, side }: ChartsProps) {
  const { topics: words } = texts.value;
  const { share } = counts;
  const named = (values: readonly TopicValue[], nameOf: (value: string) => string): Bar[] =>
    values.map((each) => ({ ...each, name: nameOf(each.value) }));
  return (
    <>
      <p class="topic-share">
        {share
          ? words.ofPosts(percent(share.value), percent(share.low), percent(share.high), count(counts.posts))
          : words.nothingYet}
      </p>
      {!counts.is_whole && <p class="note">{words.notWhole(count(counts.posts))}</p>}
      <div class="topic-charts">
        <Pie counts={counts.labels} wish={wish} choose={choose} />
        <TimeLine counts={atAnyTime} wish={wish} choose={choose} />
        <Bars
          title={words.places}
          note={words.placesNote}
          file="topic-places"
          bars={named(counts.places, (value) => placeName(value, words.unknown))}
          field="place"
          wish={wish}
          choose={choose}
        />
        <Bars
          title={words.hashtags}
          file="topic-hashtags"
          bars={named(counts.hashtags, (value) => `#${value}`)}
          field="hashtag"
          wish={wish}
          choose={choose}
        />
        <Bars
          title={words.languages}
          file="topic-languages"
          bars={named(counts.languages, (value) => languageName(value, words.unknown))}
          field="language"
          wish={wish}
          choose={choose}
        />
        <Bars
          title={words.sources}
          file="topic-sources"
          bars={named(
            counts.sources,
            (value) => words.sourceNames[value as keyof typeof words.sourceNames] ?? value,
          )}
          field="source"
          wish={wish}
          choose={choose}
        />
      </div>
      <Words counts={counts} wish={wish} choose={choose} side={side} />
    </>
  );
}
