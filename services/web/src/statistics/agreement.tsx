/** How far reviewers agree, and how sure that is. */

import { path } from "../api/client";
import type { Agreement, Coefficient, FirstLooks, ReviewerPair } from "../api/types";
import { coefficient, count, percent, texts } from "../i18n";
import { Fact } from "../ui/fact";
import { useLoad } from "../ui/load";
import { ProblemNote } from "../ui/problem";
import { ScrollRegion } from "../ui/scroll-region";

export function AgreementSection() {
  const { statistics: words } = texts.value;
  const { answer, error, reload } = useLoad<Agreement>(path("statistics", "agreement"));
  if (error) return <ProblemNote error={error} retry={reload} />;
  if (!answer) return null;
  return (
    <section class="agreement" aria-labelledby="agreement-title">
      <h2 id="agreement-title">{words.agreement}</h2>
      {answer.cases === 0 ? (
        <p class="quiet">{words.noAgreement}</p>
      ) : (
        <>
          <p class="quiet">{words.agreementOf(count(answer.cases), count(answer.reviewers))}</p>
          <dl class="facts">
            <Fact name={words.alpha} value={written(answer.alpha)} />
            <Fact name={words.ac2} value={written(answer.ac2)} />
          </dl>
          {answer.pairs.length > 0 && <Pairs pairs={answer.pairs} />}
        </>
      )}
    </section>
  );
}

/** How often an answer changed once the score was seen, where first looks are without it. */
export function FirstLooksSection() {
  const { statistics: words } = texts.value;
  const { answer, error, reload } = useLoad<FirstLooks>(path("statistics", "first-looks"));
  if (error) return <ProblemNote error={error} retry={reload} />;
  if (!answer?.share) return null;
  const { value, low, high } = answer.share;
  return (
    <section class="agreement" aria-labelledby="first-looks-title">
      <h2 id="first-looks-title">{words.firstLooks}</h2>
      <p class="quiet">{words.firstLooksOf(count(answer.looks), count(answer.changed))}</p>
      <dl class="facts">
        <Fact name={words.changedShare} value={words.interval(percent(value), percent(low), percent(high))} />
      </dl>
    </section>
  );
}

function written(found: Coefficient | null): string {
  const { statistics: words } = texts.value;
  if (found === null) return words.tooFew;
  return words.interval(coefficient(found.value), coefficient(found.low), coefficient(found.high));
}

function Pairs({ pairs }: { pairs: readonly ReviewerPair[] }) {
  const { statistics: words } = texts.value;
  return (
    <ScrollRegion name={words.pairs}>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.pairs}</th>
            <th scope="col" class="number">
              {words.cases}
            </th>
            <th scope="col" class="number">
              {words.agreed}
            </th>
            <th scope="col">{words.kappa}</th>
          </tr>
        </thead>
        <tbody>
          {pairs.map((pair) => (
            <tr key={`${pair.one} ${pair.other}`}>
              <td>
                <bdi>{pair.one}</bdi> · <bdi>{pair.other}</bdi>
              </td>
              <td class="number">{count(pair.cases)}</td>
              <td class="number">{percent(pair.agreed)}</td>
              <td>{written(pair.kappa)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
