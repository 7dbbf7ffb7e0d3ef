/** Statistics: what has been screened, how fast it goes, and where it waits. */

import { addressOf } from "../address";
import type { NodeStatistics, Series, Statistics, StatisticsHistory } from "../api/types";
import { count, momentOfMs, rate, texts } from "../i18n";
import { Page } from "../ui/page";
import { ProblemNote } from "../ui/problem";
import { ScrollRegion } from "../ui/scroll-region";
import { AgreementSection, FirstLooksSection } from "./agreement";
import { useStatistics } from "./live-statistics";
import { Split } from "./split";
import { Spark, Trend } from "./trend";

export function StatisticsView() {
  const { views, loading } = texts.value;
  const { latest, history, error, reload } = useStatistics();
  return (
    <Page title={views.statistics}>
      {error ? (
        <ProblemNote error={error} retry={reload} />
      ) : latest ? (
        <div class="statistics">
          <Totals latest={latest} />
          {history && <Throughput history={history} counts={latest.alerts} />}
          <AgreementSection />
          <FirstLooksSection />
          <Nodes latest={latest} history={history} />
        </div>
      ) : (
        <p class="blank">{loading}</p>
      )}
    </Page>
  );
}

function Totals({ latest }: { latest: Statistics }) {
  const { statistics: words } = texts.value;
  const totals: [string, string][] = [
    [words.posts, count(latest.posts)],
    [words.users, count(latest.users)],
    [words.alertsOpen, count(latest.alerts.unlabelled)],
    [words.reviewed, count(latest.alerts.risk + latest.alerts.no_risk)],
  ];
  return (
    <dl class="totals">
      {totals.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Throughput({ history, counts }: { history: StatisticsHistory; counts: Statistics["alerts"] }) {
  const { statistics: words } = texts.value;
  const first = history.at_ms[0] ?? 0;
  const spanS = Math.round(((history.at_ms.at(-1) ?? 0) - first) / 1000);
  return (
    <section class="throughput" aria-label={words.throughput}>
      <Trend series={history.posts_per_s} name={words.postsPerS} spanS={spanS} />
      <Trend series={history.users_per_min} name={words.usersPerMin} spanS={spanS} />
      <Split counts={counts} />
    </section>
  );
}

function Nodes({ latest, history }: { latest: Statistics; history: StatisticsHistory | undefined }) {
  const { statistics: words } = texts.value;
  const courses = new Map(history?.nodes.map((node) => [node.name, node]));
  return (
    <div>
      <h2 class="nodes-title">{words.nodes}</h2>
      <ScrollRegion name={words.nodes}>
        <table class="nodes">
          <thead>
            <tr>
              <th scope="col">{words.node}</th>
              <th scope="col" class="number">
                {words.running}
              </th>
              <th scope="col" class="number" title={words.ratePerS}>
                {words.rate}
              </th>
              <th scope="col">{words.ratePerS}</th>
              <th scope="col" class="number" title={words.lagHint}>
                {words.lag}
              </th>
              <th scope="col">{words.lagHint}</th>
              <th scope="col" class="number">
                {words.deadLetters}
              </th>
              <th scope="col" class="number" title={words.restartsHint}>
                {words.restarts}
              </th>
            </tr>
          </thead>
          <tbody>
            {latest.nodes.map((node) => (
              <tr key={node.name}>
                <th scope="row">
                  <a href={addressOf("topology", node.name)}>{node.name}</a>
                </th>
                <Running node={node} />
                <td class="number">{rate(node.in_per_s ?? node.out_per_s)}</td>
                <td class="spark-cell">
                  <Spark
                    series={rates(node, courses.get(node.name))}
                    name={words.chartOf(words.ratePerS, node.name)}
                  />
                </td>
                <td class="number">{count(node.lag)}</td>
                <td class="spark-cell">
                  <Spark
                    series={courses.get(node.name)?.lag ?? []}
                    name={words.chartOf(words.lagHint, node.name)}
                  />
                </td>
                <td class="number" data-dead={node.dead_letters > 0}>
                  {count(node.dead_letters)}
                </td>
                <td
                  class="number"
                  data-dead={node.restarts > 0}
                  title={node.restarted_ms === null ? undefined : momentOfMs(node.restarted_ms)}
                >
                  {count(node.restarts)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </div>
  );
}

/** How many instances run: none is the end of a source, and the fall of any other node. */
function Running({ node }: { node: NodeStatistics }) {
  const isDown = node.running === 0 && node.in_per_s !== null;
  return (
    <td class="number" data-down={isDown}>
      {isDown ? texts.value.statistics.down : count(node.running)}
    </td>
  );
}

/** What comes to a node; of one that reads nothing, what it writes. */
function rates(node: NodeStatistics, course: StatisticsHistory["nodes"][number] | undefined): Series {
  return (node.in_per_s === null ? course?.out_per_s : course?.in_per_s) ?? [];
}
