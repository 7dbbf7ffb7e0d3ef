/** The words of each class: those that are most telling, or most frequent. */

import type { TopicCounts, TopicWord } from "../api/types";
import { texts } from "../i18n";
import { choose as keep, route } from "../route";
import { Segmented } from "../ui/segmented";
import { type Bar, Bars } from "./bars";
import type { Wish } from "./wish";

interface WordsProps {
  counts: TopicCounts;
  wish: Wish;
  choose: (wish: Wish) => void;
  /** Tells this side from another one on the page. */
  side: string;
}

type Order = "telling" | "frequent";

export function Words({ counts, wish, choose, side }: WordsProps) {
  const { topics: words } = texts.value;
  const order: Order = route.value.choices?.words === "frequent" ? "frequent" : "telling";
  return (
    <div class="topic-words">
      <div class="section-head">
        <h3>{words.words}</h3>
        <Segmented
          legend={words.wordsBy}
          name={`words-${side}`}
          choices={[
            ["telling", words.telling],
            ["frequent", words.frequent],
          ]}
          chosen={order}
          choose={(chosen) => keep({ ...route.value.choices, words: chosen })}
        />
      </div>
      <p class="quiet">{order === "telling" ? words.tellingNote : words.frequentNote}</p>
      <div class="topic-charts">
        {(["signs", "no_signs"] as const).map((label) => (
          <Bars
            key={label}
            title={words.wordsOf(words.labels[label])}
            file={`topic-words-${label}-${order}`}
            bars={counts[label][order].map(barOf)}
            field="word"
            wish={wish}
            choose={choose}
          />
        ))}
      </div>
    </div>
  );
}

function barOf(word: TopicWord): Bar {
  return { name: word.word, value: word.word, signs: word.signs, no_signs: word.no_signs, not_sure: 0 };
}
