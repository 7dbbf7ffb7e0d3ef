/** Which words carry what the model makes of somebody, each by its share. */

import { path } from "../api/client";
import type { Alert, UserWords } from "../api/types";
import { count, percent, texts } from "../i18n";
import { useLoad } from "../ui/load";

export function WordShares({ alert }: { alert: Alert }) {
  const { alerts } = texts.value;
  const { answer } = useLoad<UserWords>(alert.is_blind ? null : path("users", alert.user, "words"));
  if (!answer || answer.words.length === 0) return null;
  const most = Math.max(...answer.words.map(({ share }) => Math.abs(share)));
  return (
    <section class="word-shares" aria-label={alerts.wordShares}>
      <h3>{alerts.wordShares}</h3>
      <ul>
        {answer.words.map(({ word, share, posts }) => (
          <li key={word} class={share > 0 ? "raises" : "lowers"} title={alerts.inPosts(count(posts))}>
            <bdi>{word}</bdi>
            <span class="share-bar" aria-hidden="true">
              <span style={{ width: `${(Math.abs(share) / most) * 100}%` }} />
            </span>
            <span class="share-value">
              {share > 0 ? "+" : "−"}
              {percent(Math.abs(share))}
            </span>
          </li>
        ))}
      </ul>
      <p class="quiet">{alerts.wordSharesHint(count(answer.posts))}</p>
    </section>
  );
}
