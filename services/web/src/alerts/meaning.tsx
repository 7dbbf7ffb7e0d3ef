/** What the number means: in plain words, and by what reviewers have found of cases like this. */

import { path } from "../api/client";
import type { Alert, Precedents } from "../api/types";
import { count, percent, texts } from "../i18n";
import { useLoad } from "../ui/load";

export function Meaning({ alert }: { alert: Alert }) {
  const { alerts, bands } = texts.value;
  const { answer } = useLoad<Precedents>(alert.is_blind ? null : path("alerts", alert.user, "precedents"));
  if (alert.is_blind) return null;
  const { share } = answer ?? { share: null };
  return (
    <p class="quiet">
      {alerts.meaning}{" "}
      {answer && share
        ? alerts.precedents(
            count(answer.cases),
            bands[answer.band],
            count(answer.confirmed),
            percent(share.low),
            percent(share.high),
          )
        : answer && alerts.noPrecedents}
    </p>
  );
}
