import type { Node } from "../../machinery/kinds/index.ts";

const REGION = "topology.kubernetes.io/region";
const ZONE = "topology.kubernetes.io/zone";
const OLD_REGION = "failure-domain.beta.kubernetes.io/region";
const OLD_ZONE = "failure-domain.beta.kubernetes.io/zone";

/** component-helpers node/topology/helpers.go, GetZoneKey: the region and the zone; empty where it has neither. */
export function zoneOf({ metadata: { labels } }: Node): string {
  if (labels === undefined) return "";
  const zone = labels[OLD_ZONE] ?? labels[ZONE] ?? "";
  const region = labels[OLD_REGION] ?? labels[REGION] ?? "";
  return zone === "" && region === "" ? "" : `${region}:\0:${zone}`;
}

/**
 * The nodes, of each zone in turn (kubernetes pkg/scheduler/backend/cache/node_tree.go): zones and the nodes of a zone are
 * in the order in which they came.
 */
export function inTurnByZone(nodes: readonly Node[]): readonly Node[] {
  const zones = new Map<string, Node[]>();
  for (const node of nodes) {
    const zone = zoneOf(node);
    const members = zones.get(zone);
    if (members === undefined) zones.set(zone, [node]);
    else members.push(node);
  }
  if (zones.size <= 1) return nodes;
  const list: Node[] = [];
  const lists = [...zones.values()];
  for (let round = 0; list.length < nodes.length; round++)
    for (const members of lists) if (round < members.length) list.push(members[round]!);
  return list;
}
