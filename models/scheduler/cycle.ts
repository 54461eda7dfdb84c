/** One decision: a node for a pod, or why there is none (kubernetes pkg/scheduler/schedule_one.go, schedulingCycle). */
import { mapEach, mapGet } from "../kernel/index.ts";
import type { Pod } from "../machinery/kinds/index.ts";
import { claimsAgainst, type PodClaims } from "./claims.ts";
import { reasonsAgainst, wantedOf } from "./filters.ts";
import type { NodeInfo, SchedulerCache, SchedulerConfig } from "./types.ts";

export type Decision =
  | { readonly kind: "node"; readonly node: string }
  /** With what the pod's condition says. */
  | { readonly kind: "nowhere"; readonly message: string };

/** schedule_one.go, schedulePod: the first node that fits, in the order of the config. */
export function decide(cache: SchedulerCache, config: SchedulerConfig, pod: Pod, claims: PodClaims): Decision {
  if (cache.byPods.size === 0) return { kind: "nowhere", message: "no nodes available to schedule pods" };
  if (claims.kind === "refusal") return { kind: "nowhere", message: unavailable(cache, claims.message) };
  const wanted = wantedOf(pod);
  const counts = new Map<string, number>();
  let found: string | null = null;
  const visit = (info: NodeInfo): boolean => {
    const reasons = againstClaims(claims, info) ?? reasonsAgainst(wanted, info);
    if (reasons.length === 0) found = info.name;
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    return found === null;
  };
  eachNode(cache, config, visit);
  if (found !== null) return { kind: "node", node: found };
  return { kind: "nowhere", message: fitError(cache.byPods.size, counts) };
}

function againstClaims(claims: PodClaims, { node }: NodeInfo): readonly string[] | null {
  const reason = node === null ? null : claimsAgainst(claims, node);
  return reason === null ? null : [reason];
}

/** The nodes there are, until the visitor returns false. */
function eachNode(cache: SchedulerCache, { picks }: SchedulerConfig, visit: (info: NodeInfo) => boolean): void {
  switch (picks) {
    case "firstByName":
      mapEach(cache.nodes, "", null, (info) => info.node === null || visit(info));
      return;
    case "fewestPods":
      mapEach(cache.byPods, "", null, (name) => visit(mapGet(cache.nodes, name)!));
      return;
  }
}

function unavailable(cache: SchedulerCache, message: string): string {
  return `0/${cache.byPods.size} nodes are available: ${message}.`;
}

/** framework/types.go, FitError.Error: `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` */
function fitError(nodes: number, counts: ReadonlyMap<string, number>): string {
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${nodes} nodes are available: ${reasons.join(", ")}.`;
}
