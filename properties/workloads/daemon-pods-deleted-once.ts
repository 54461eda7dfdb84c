import { type Micros, mapGet, mapHas, type RequestId } from "../../models/kernel/index.ts";
import type { PendingCall } from "../../models/machinery/client/types.ts";
import type { Pod } from "../../models/machinery/kinds/index.ts";
import { callLedgerOf, keyOfRequest, objectAnswered } from "../cluster/calls.ts";
import type { ClusterProcess, ClusterProperty } from "../cluster/cluster-property.ts";
import { apiOf, cachedObject } from "../cluster/informers.ts";

/** Expectations are given up after this (controller_utils.go, ExpectationsTimeout), less what clocks may differ. */
const EXPECTATIONS_US: Micros = 4 * 60_000_000;

/**
 * L1. A DaemonSet's controller that was told that a pod is deleted asks for it no second time: it would wait to see a
 * deletion that it has seen, and leave all other nodes alone meanwhile, for as long as the pod's node is lost.
 */
export const daemonPodsDeletedOnce: ClusterProperty = {
  id: "workloads/daemon-pods-deleted-once",
  kind: "always",
  source:
    "kubernetes#78974: deleting terminating pods again; pkg/controller/daemon/daemon_controller.go, podsShouldBeOnNode, and controller_utils.go, UIDTrackingControllerExpectations",
  monitor(context) {
    const calls = callLedgerOf(context);
    /** What was asked and is not answered, and what was told, each by the leader that asked and the pod. */
    const asked = new Map<RequestId, string>();
    const toldAt = new Map<string, Micros>();
    calls.listen({
      called({ id, request }, process) {
        if (request.verb !== "delete" || request.resource !== "pods") return;
        const leader = leaderOf(process, id);
        const pod = leader === null ? null : (cachedObject(process.state, "pods", keyOfRequest(request)) as Pod | null);
        if (pod === null) return;
        const of = `${leader}/${pod.metadata.uid}`;
        asked.set(id, of);
        const told = toldAt.get(of);
        if (told === undefined || context.now() - told > EXPECTATIONS_US) return;
        context.violate(
          `${process.id} asks for the deletion of pod ${pod.metadata.name}, and was told ${Math.round((context.now() - told) / 1_000)} ms ago that it is being deleted`,
          { uid: pod.metadata.uid ?? "" },
        );
      },
    });
    return calls.with({
      concerns: { changes: ["slots"], messages: [], notes: [] },
      onStep(_process, before, _after, input) {
        if (input.kind !== "receive" || input.message.kind !== "apiAnswer") return;
        const { id, response } = input.message;
        const of = asked.get(id);
        if (of === undefined) return;
        asked.delete(id);
        const api = apiOf(before);
        if (api !== null && mapHas(api.calls, id) && objectAnswered(response) !== null) toldAt.set(of, context.now());
      },
    });
  },
};

/** The identity under which a manager leads, where the call is its DaemonSet controller's; else null. */
function leaderOf({ config, state }: ClusterProcess, id: RequestId): string | null {
  if (config.kind !== "controllerManager" || state === null || state.kind !== "controllerManager") return null;
  const call: PendingCall | undefined = mapGet(state.api.calls, id);
  const slot = (call?.tag as { readonly slot?: number } | null | undefined)?.slot;
  if (slot === undefined || state.slots[slot]?.name !== "daemonset") return null;
  return state.election.identity;
}
