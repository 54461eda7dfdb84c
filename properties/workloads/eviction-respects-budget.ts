import type { Micros } from "../../models/kernel/index.ts";
import type { Pod, PodDisruptionBudget } from "../../models/machinery/kinds/index.ts";
import { callLedgerOf, keyOfRequest } from "../cluster/calls.ts";
import type { ClusterContext, ClusterProperty } from "../cluster/cluster-property.ts";
import type { Change, ClusterLedger } from "../cluster/ledger.ts";
import { isDeleting, isReady, isTerminal, joinKey, microsOf, namespaceOf, selects } from "../cluster/objects.ts";

/** How long the controller trusts that an eviction takes effect, where nothing else is configured. */
const DELETION_TIMEOUT_US: Micros = 120_000_000;

/**
 * S24. Evictions never push the healthy pods of a budget below what it wants, as the API knows them: each takes one from a
 * budget that has one left and whose status is of its latest generation; nobody allows more than are healthy beyond the
 * wanted; and what was evicted is not forgotten before it shows. A budget cannot know of a node that has just been lost.
 */
export const evictionRespectsBudget: ClusterProperty = {
  id: "workloads/eviction-respects-budget",
  kind: "always",
  source:
    "kubernetes pkg/registry/core/pod/storage/eviction.go, checkAndDecrement; pkg/controller/disruption/disruption.go, updatePdbStatus, buildDisruptedPodMap; kubernetes#82149, #34546",
  monitor(context) {
    const calls = callLedgerOf(context);
    let clocksJump = false;
    calls.ledger.on<PodDisruptionBudget>("poddisruptionbudgets", (change) => {
      if (change.after === null) return;
      check(context, calls.ledger, change, clocksJump ? Number.NEGATIVE_INFINITY : trustedFor(context));
    });
    calls.listen({
      answered({ from, request }, response) {
        if (request.verb !== "create" || request.subresource !== "eviction" || request.dryRun) return;
        if (response.kind === "status" && response.status.status !== "Success") return;
        const stored = calls.ledger.get<Pod>("pods", keyOfRequest(request));
        if (stored === undefined || isDeleting(stored.object) || isTerminal(stored.object)) return;
        context.violate(`the eviction of pod ${stored.key} by ${from} is granted, and the pod is not deleted`, {
          uid: stored.object.metadata.uid,
        });
      },
    });
    return calls.with({
      onFault(kind) {
        if (kind === "clockJump") clocksJump = true;
      },
    });
  },
};

/** For how long it is trusted at least that an eviction takes effect (disruption.go, DeletionTimeout), as clocks may differ. */
function trustedFor({ processes }: ClusterContext): Micros {
  let timeoutUs = DELETION_TIMEOUT_US;
  for (const { config } of processes)
    if (config.kind === "controllerManager")
      timeoutUs = Math.min(timeoutUs, Number(config.settings?.["disruption"]?.["deletionTimeoutUs"] ?? timeoutUs));
  return (timeoutUs * 4) / 5;
}

function check(
  context: ClusterContext,
  ledger: ClusterLedger,
  { key, before, after, atUs }: Change<PodDisruptionBudget>,
  trustedUs: Micros,
): void {
  const status = after!.status;
  if (status === undefined) return;
  const { disruptionsAllowed: allowed = 0, currentHealthy: healthy = 0, desiredHealthy: desired = 0 } = status;
  const say = (what: string) => context.violate(`budget ${key} ${what}`, { allowed, healthy, desired });
  if (allowed < 0) say(`allows ${allowed} disruptions`);
  else if (allowed > Math.max(0, healthy - desired))
    say(`allows ${allowed} disruptions, and has ${healthy} healthy pods where ${desired} are wanted`);
  const old = before?.status;
  if (old === undefined || before?.metadata.uid !== after!.metadata.uid) return;
  const was = old.disruptedPods ?? {};
  const is = status.disruptedPods ?? {};
  const taken = Object.keys(is).filter((name) => was[name] === undefined);
  if (taken.length > 0) {
    if ((old.observedGeneration ?? 0) < (before!.metadata.generation ?? 0))
      say(
        `lets ${taken[0]} be evicted, by a status of generation ${old.observedGeneration} where it has ${before!.metadata.generation}`,
      );
    else if (allowed !== (old.disruptionsAllowed ?? 0) - taken.length)
      say(`lets ${taken[0]} be evicted, and allows ${allowed} after ${old.disruptionsAllowed}`);
    return;
  }
  for (const name of Object.keys(was)) {
    if (is[name] !== undefined) continue;
    const pod = ledger.get<Pod>("pods", joinKey(namespaceOf(key), name))?.object;
    const counts =
      pod !== undefined && !isDeleting(pod) && isReady(pod) && selects(after!.spec.selector, pod.metadata.labels);
    if (counts && atUs - microsOf(was[name]!) < trustedUs)
      say(`forgets that ${name} was evicted, and it is there still`);
  }
}
