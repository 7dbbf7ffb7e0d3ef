/** Topology: the graph as declared, with what each node does right now. */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { path } from "../api/client";
import { listen } from "../api/live";
import type { NodeStatistics, Topology } from "../api/types";
import { count, texts } from "../i18n";
import { route } from "../route";
import { may } from "../session";
import { useLoad } from "../ui/load";
import { Page } from "../ui/page";
import { ProblemNote } from "../ui/problem";
import { ScrollRegion } from "../ui/scroll-region";
import { DeadLetters } from "./dead-letters";
import { Graph } from "./graph";
import { NodePanel } from "./node-panel";

const RELOAD_MS = 10_000;

export function TopologyView() {
  const { views, topology: words, loading } = texts.value;
  const { topology, error, reload } = useTopology();
  const isUpright = useIsNarrow();
  const region = useCentred(isUpright, topology !== undefined);
  const chosen = topology?.nodes.find((node) => node.name === route.value.subject);
  return (
    <Page title={views.topology}>
      {error ? (
        <ProblemNote error={error} retry={reload} />
      ) : topology ? (
        <>
          <p class="lead">
            <strong>{topology.name}</strong> · {words.nodes(count(topology.nodes.length))} ·{" "}
            {words.partitions(count(topology.partitions))}. {words.graphHint}
          </p>
          <div class="topology" data-chosen={chosen !== undefined}>
            <ScrollRegion region={region} class="pane graph-scroll" name={words.graph}>
              <Graph topology={topology} chosen={chosen?.name ?? null} isUpright={isUpright} />
            </ScrollRegion>
            {chosen && <NodePanel topology={topology} node={chosen} changed={reload} />}
          </div>
          <section class="dead-letters" aria-labelledby="dead-title">
            <h2 id="dead-title">{words.deadLetters}</h2>
            {may("administrator") ? (
              <DeadLetters nodes={topology.nodes} changed={reload} />
            ) : (
              <p class="note">{words.onlyAdministrators}</p>
            )}
          </section>
        </>
      ) : (
        <p class="blank">{loading}</p>
      )}
    </Page>
  );
}

/** Start in the middle, where the first node is, if the picture is wider than the page. */
function useCentred(isUpright: boolean, isThere: boolean) {
  const region = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const element = region.current;
    if (element && isUpright && isThere) element.scrollLeft = (element.scrollWidth - element.clientWidth) / 2;
  }, [isUpright, isThere]);
  return region;
}

/** The declaration once, its numbers by the socket, and the last errors now and then. */
function useTopology() {
  const { answer, error, reload } = useLoad<Topology>(path("topology"));
  const [latest, setLatest] = useState<readonly NodeStatistics[]>([]);
  useEffect(
    () =>
      listen((event) => {
        if (event.type === "statistics") setLatest(event.nodes);
      }),
    [],
  );
  useEffect(() => {
    const timer = window.setInterval(() => {
      if (!document.hidden) reload();
    }, RELOAD_MS);
    return () => window.clearInterval(timer);
  }, [reload]);
  const topology = useMemo(() => answer && withStatistics(answer, latest), [answer, latest]);
  return { topology, error: topology ? undefined : error, reload };
}

function withStatistics(topology: Topology, latest: readonly NodeStatistics[]): Topology {
  const known = new Map(latest.map((node) => [node.name, node]));
  return { ...topology, nodes: topology.nodes.map((node) => ({ ...node, ...known.get(node.name) })) };
}

function useIsNarrow(): boolean {
  const query = useMemo(() => window.matchMedia("(max-width: 760px)"), []);
  const [isNarrow, setNarrow] = useState(query.matches);
  useEffect(() => {
    const hear = () => setNarrow(query.matches);
    query.addEventListener("change", hear);
    return () => query.removeEventListener("change", hear);
  }, [query]);
  return isNarrow;
}
