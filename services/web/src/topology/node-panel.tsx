/** All about the node that is chosen. */

import type { Topology, TopologyNode } from "../api/types";
import { count, momentOfMs, rate, texts } from "../i18n";
import { may } from "../session";
import { Fact } from "../ui/fact";
import { visible } from "../ui/shown-text";
import { outsiderOf } from "./outside";
import { PausedNote, Steering } from "./steering";

interface PanelProps {
  topology: Topology;
  node: TopologyNode;
  changed: () => void;
}

export function NodePanel({ topology, node, changed }: PanelProps) {
  const words = texts.value.topology;
  return (
    <section class="pane node-panel" aria-labelledby="node-title">
      <h2 id="node-title">{node.name}</h2>
      <p class="quiet">
        {words.kinds[node.kind]} · <code>{node.service}</code>
      </p>
      <PausedNote node={node} />
      {may("administrator") && node.kind !== "server" && (
        <Steering key={node.name} node={node} changed={changed} />
      )}
      <dl class="facts">
        <Fact name={words.replicas} value={words.replicasOf(count(node.running), count(node.replicas))} />
        <Fact name={words.incoming} value={words.perS(rate(node.in_per_s))} />
        <Fact name={words.outgoing} value={words.perS(rate(node.out_per_s))} />
        <Fact name={words.lag} value={count(node.lag)} />
        <Fact name={words.deadLetters} value={count(node.dead_letters)} />
        <Fact name={words.restarts} value={restartsOf(node)} />
      </dl>
      <Topics name={words.reads} topics={node.reads} topology={topology} />
      <Topics name={words.writes} topics={node.writes.map((write) => write.topic)} topology={topology} />
      <h3>{words.lastError}</h3>
      {node.last_error === null ? (
        <p class="quiet">{words.noError}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
        <pre class="traceback" tabIndex={0}>
          {visible(node.last_error)}
        </pre>
      )}
    </section>
  );
}

function restartsOf({ restarts, restarted_ms }: TopologyNode): string {
  const words = texts.value.topology;
  if (restarted_ms === null) return count(restarts);
  const when = momentOfMs(restarted_ms);
  return restarts === 1 ? words.restartedOnce(when) : words.restarted(count(restarts), when);
}

function Topics({ name, topics, topology }: { name: string; topics: string[]; topology: Topology }) {
  const words = texts.value.topology;
  return (
    <>
      <h3>{name}</h3>
      {topics.length === 0 ? (
        <p class="quiet">{words.nothing}</p>
      ) : (
        <ul class="topics">
          {topics.map((topic) => {
            const found = topology.topics.find((each) => each.name === topic);
            return (
              <li key={topic}>
                <code>{topic}</code>{" "}
                {found?.is_external && (
                  <span class="tag">{words.external[outsiderOf(topic, topology.nodes)]}</span>
                )}
                {found && found.records !== null && <span class="quiet">{count(found.records)}</span>}
              </li>
            );
          })}
        </ul>
      )}
    </>
  );
}
