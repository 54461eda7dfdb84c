import type { Pod, Uid } from "../../models/machinery/kinds/index.ts";
import type { Revision } from "../../models/store/types.ts";
import { type ApiCall, callLedgerOf, keyOfRequest } from "../cluster/calls.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { isTerminal, phaseOf } from "../cluster/objects.ts";

/**
 * S37. A pod that has succeeded or failed stays so for as long as its UID lives. A status that was sent before, and was long
 * on its way, may still be applied: a patch of a status names no version, in the real one either.
 */
export const terminalPhaseAbsorbing: ClusterProperty = {
  id: "node/terminal-phase-absorbing",
  kind: "always",
  source:
    "kubernetes pkg/kubelet/status/status_manager.go, checkContainerStateTransition and mergePodStatus; kubernetes#54499, #58711, #125410",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    const calls = callLedgerOf(context);
    /** Since when a pod is at its end. */
    const endedAt = new Map<Uid, Revision>();
    const isUnderWay = (key: string, phase: string, end: Revision) => {
      for (const call of calls.open()) if (call.sentAt < end && sets(call, key, phase)) return true;
      return false;
    };
    ledger.on<Pod>("pods", ({ key, before, after, revision }) => {
      const uid = (after ?? before)?.metadata.uid ?? "";
      const end = endedAt.get(uid);
      if (after === null || !isTerminal(after)) endedAt.delete(uid);
      else if (end === undefined) endedAt.set(uid, revision);
      if (before === null || after === null || end === undefined || before.metadata.uid !== uid) return;
      const [from, to] = [phaseOf(before), phaseOf(after)];
      if (from === to || isUnderWay(key, to, end)) return;
      context.violate(`the phase of pod ${key} goes from ${from} to ${to}`, { uid, revision });
    });
    return calls.with();
  },
};

/** Whether a call sets the phase of a pod. */
function sets({ request }: ApiCall, key: string, phase: string): boolean {
  if (request.verb !== "patch" || request.resource !== "pods" || request.subresource !== "status") return false;
  const { status } = request.patch as { readonly status?: { readonly phase?: string } };
  return status?.phase === phase && keyOfRequest(request) === key;
}
