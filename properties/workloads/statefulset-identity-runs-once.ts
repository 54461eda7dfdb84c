import type { Pod, Uid } from "../../models/machinery/kinds/index.ts";
import { abandonedOf } from "../cluster/abandoned.ts";
import { callLedgerOf } from "../cluster/calls.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { subMap } from "../cluster/ledger.ts";
import { controllerOf } from "../cluster/objects.ts";
import { runningLedgerOf } from "../cluster/running.ts";

/**
 * S27. Of a StatefulSet's identity, such as web-0, at most one pod runs, wherever the network is cut and whoever is down.
 * A pod that a person has given up, by force or by deleting its Node, is that person's business.
 */
export const statefulSetIdentityRunsOnce: ClusterProperty = {
  id: "workloads/statefulset-identity-runs-once",
  kind: "always",
  source:
    'kubernetes tasks, Force Delete StatefulSet Pods: "StatefulSet ensures that, at any time, there is at most one Pod with a given identity running in a cluster"; kubernetes#59848, #35145',
  monitor(context) {
    const calls = callLedgerOf(context);
    const running = runningLedgerOf(context);
    const abandoned = abandonedOf(context);
    const identityOf = new Map<Uid, string>();
    /** By identity: the UIDs of which something was started and has not ended. */
    const alive = new Map<string, Map<Uid, number>>();
    calls.ledger.on<Pod>("pods", ({ key, before, after }) => {
      if (after === null || before?.metadata.uid === after.metadata.uid) return;
      const owner = controllerOf(after);
      if (owner?.kind === "StatefulSet" && after.metadata.uid !== undefined) identityOf.set(after.metadata.uid, key);
    });
    running.listen({
      started({ process, container: { podUid } }) {
        const identity = identityOf.get(podUid);
        if (identity === undefined) return;
        const uids = subMap(alive, identity);
        uids.set(podUid, (uids.get(podUid) ?? 0) + 1);
        if (uids.size < 2 || abandoned.has(podUid)) return;
        for (const other of uids.keys()) {
          if (other === podUid || abandoned.has(other)) continue;
          const [first] = running.of(other);
          if (first === undefined) continue;
          context.violate(
            `two pods of ${identity} run: UID ${other} at ${first.process.id}, and now UID ${podUid} at ${process.id}`,
            { identity, first: other, second: podUid },
          );
          return;
        }
      },
      stopped({ container: { podUid } }) {
        const identity = identityOf.get(podUid);
        if (identity === undefined) return;
        const uids = alive.get(identity);
        const left = (uids?.get(podUid) ?? 1) - 1;
        if (left === 0) uids?.delete(podUid);
        else uids?.set(podUid, left);
      },
    });
    return calls.with(running.with());
  },
};
