import type { Pod } from "../../models/machinery/kinds/index.ts";
import type { ClusterContext, ClusterProperty } from "../cluster/cluster-property.ts";
import { desiredPods, imagesOf, rootOf } from "../cluster/desired.ts";
import { type ClusterLedger, clusterLedgerOf } from "../cluster/ledger.ts";
import { isActive, isReady } from "../cluster/objects.ts";
import { programsOf } from "../cluster/programs.ts";
import { type RunningLedger, runningLedgerOf } from "../cluster/running.ts";

/**
 * L17. What is there in the end is what would be there had nothing gone wrong: for each workload as many pods as it wants,
 * all of its latest images, and that is what really runs on their nodes.
 *
 * What that is follows from the objects that people wrote alone; names, addresses, nodes, UIDs and times may be others.
 */
export const endStateIsDesired: ClusterProperty = {
  id: "workloads/end-state-is-desired",
  kind: "eventually",
  source:
    "Sieve: the end state of a run with faults equals that of one without, but for fields that may differ; kubernetes concepts, Controllers: desired versus current state",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    const running = runningLedgerOf(context);
    return ledger.with(running.with({ pending: () => firstDifference(context, ledger, running) }));
  },
};

function firstDifference(context: ClusterContext, ledger: ClusterLedger, running: RunningLedger): string | null {
  const programs = programsOf(context);
  const desired = desiredPods(ledger, (spec) => !programs.neverReady(spec));
  const there = new Map<string, { count: number; other: string | null }>();
  const wantedImages = new Map(desired.map(({ owner, images }) => [owner, images]));
  for (const stored of ledger.all<Pod>("pods").values()) {
    const { object: pod } = stored;
    if (!isActive(pod) || !isReady(pod)) continue;
    const root = rootOf(ledger, stored);
    const images = wantedImages.get(root);
    if (images === undefined) continue;
    const found = there.get(root) ?? { count: 0, other: null };
    there.set(root, found);
    found.count++;
    if (images !== null && imagesOf(pod.spec) !== images) found.other ??= `pod ${stored.key} has ${imagesOf(pod.spec)}`;
    found.other ??= whatRunsInstead(running, stored.key, pod);
  }
  for (const { owner, images, count } of desired) {
    const found = there.get(owner) ?? { count: 0, other: null };
    if (found.count !== count)
      return `${owner} wants ${count} pods of ${images ?? "any image"}, and ${found.count} are ready`;
    if (found.other !== null) return `${owner} wants pods of ${images ?? "any image"}, and ${found.other}`;
  }
  return null;
}

/** A pod that is said to be ready and whose programs do not run. */
function whatRunsInstead(running: RunningLedger, key: string, pod: Pod): string | null {
  const now = new Map(
    running.of(pod.metadata.uid ?? "").map(({ container }) => [container.container, container.image]),
  );
  for (const { name, image } of pod.spec.containers) {
    if (!now.has(name)) return `container ${name} of pod ${key} does not run`;
    if (now.get(name) !== image) return `container ${name} of pod ${key} runs ${now.get(name)}`;
  }
  return null;
}
