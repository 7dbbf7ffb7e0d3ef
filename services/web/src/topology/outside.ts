/** What somebody outside of the topology has to do with a topic that is shared with them. */

import type { TopologyNode } from "../api/types";

type Ways = Pick<TopologyNode, "reads" | "writes">;

/** Whatever no node does with the topic is done outside; where both is done here, nobody can tell. */
export function outsiderOf(topic: string, nodes: readonly Ways[]): "read" | "written" | "both" {
  const isRead = nodes.some((node) => node.reads.includes(topic));
  const isWritten = nodes.some((node) => node.writes.some((write) => write.topic === topic));
  if (isRead && isWritten) return "both";
  return isRead ? "written" : "read";
}
