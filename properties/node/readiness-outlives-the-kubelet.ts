import { mapDifference, mapGet, type RequestId } from "../../models/kernel/index.ts";
import type { KubeletState } from "../../models/kubelet/types.ts";
import type { Pod, PodStatus, Uid } from "../../models/machinery/kinds/index.ts";
import type { CriMessage } from "../../models/runtime/types.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { conditionOf, isDeleting, isReady } from "../cluster/objects.ts";
import { runningLedgerOf } from "../cluster/running.ts";

/**
 * S45, the kubelet's side. A pod that was told to be ready is told not to be for a cause: since then one of its containers
 * has started or stopped, a probe has failed, or its runtime was started anew. That its kubelet was is none.
 */
export const readinessOutlivesTheKubelet: ClusterProperty = {
  id: "node/readiness-outlives-the-kubelet",
  kind: "always",
  source:
    "kubernetes pkg/kubelet/prober/prober_manager.go, UpdatePodStatus: what was ready stays so until a probe says otherwise; kubernetes#78733, #100277",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    const running = runningLedgerOf(context);
    let order = 0;
    /** By UID, the place in the order of events: when a kubelet told that it is ready, and when it had cause to doubt it. */
    const readyAt = new Map<Uid, number>();
    const doubtedAt = new Map<Uid, number>();
    const doubt = (uid: Uid) => doubtedAt.set(uid, ++order);
    const probes = new Probes(doubt);
    running.listen({
      started: ({ container }) => doubt(container.podUid),
      stopped: ({ container }) => doubt(container.podUid),
    });
    ledger.on<Pod>("pods", ({ before, after }) => {
      if (after !== null) return;
      for (const map of [readyAt, doubtedAt]) map.delete(before?.metadata.uid ?? "");
    });
    const own = running.with({
      concerns: {
        changes: ["reports"],
        messages: ["criCall", "criCancel", "criConnect", "criAnswer", "criHello"],
        notes: [],
      },
      onStep(process, before, after) {
        if (after.kind !== "kubelet" || (before as KubeletState).reports === after.reports) return;
        mapDifference((before as KubeletState).reports, after.reports, (uid, old, now) => {
          if (now === undefined || old?.status === now.status) return;
          if (isTold(now.status)) {
            readyAt.set(uid, ++order);
            return;
          }
          const since = readyAt.get(uid);
          readyAt.delete(uid);
          const pod = ledger.byUid(uid)?.object as Pod | undefined;
          if (since === undefined || pod === undefined || !isReady(pod) || isDeleting(pod)) return;
          if (reasonOf(now.status) !== "ContainersNotReady" || (doubtedAt.get(uid) ?? 0) > since) return;
          if (mapGet(after.workers, uid)?.phase !== "sync") return;
          context.violate(
            `${process.id} takes pod ${now.namespace}/${now.name} for not ready, which it was, and nothing has become of it since`,
            { uid },
          );
        });
      },
      onSend: ({ host }, _to, message) => probes.said(host, message as CriMessage),
    });
    return ledger.with(own);
  },
};

function isTold({ conditions }: PodStatus): boolean {
  return conditionOf(conditions, "Ready")?.status === "True";
}

function reasonOf({ conditions }: PodStatus): string {
  return conditionOf(conditions, "Ready")?.reason ?? "";
}

/** Tells of each probe that fails, has no answer in time, or is broken off because its runtime has started anew. */
class Probes {
  /** By host, then by the id of the call: whom it is about. */
  readonly #underWay = new Map<string, Map<RequestId, Uid>>();
  readonly #failed: (uid: Uid) => void;

  constructor(failed: (uid: Uid) => void) {
    this.#failed = failed;
  }

  said(host: string, message: CriMessage): void {
    const calls = this.#underWay.get(host) ?? new Map<RequestId, Uid>();
    this.#underWay.set(host, calls);
    switch (message.kind) {
      case "criCall":
        if (message.request.kind === "probe") calls.set(message.id, message.request.podUid);
        return;
      case "criAnswer":
        this.#ends(calls, message.id, message.result.kind !== "probed" || !message.result.success);
        return;
      case "criCancel":
        this.#ends(calls, message.id, true);
        return;
      case "criHello":
        for (const uid of calls.values()) this.#failed(uid);
        calls.clear();
        return;
      case "criConnect":
        calls.clear();
        return;
      case "criEvent":
        return;
    }
  }

  #ends(calls: Map<RequestId, Uid>, id: RequestId, hasFailed: boolean): void {
    const uid = calls.get(id);
    if (uid === undefined) return;
    calls.delete(id);
    if (hasFailed) this.#failed(uid);
  }
}
