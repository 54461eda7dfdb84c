import type { RequestId } from "../../models/kernel/index.ts";
import type { EndpointSlice, Uid } from "../../models/machinery/kinds/index.ts";
import { callLedgerOf, objectAnswered } from "../cluster/calls.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { apiOf } from "../cluster/informers.ts";
import { isDeleting, same } from "../cluster/objects.ts";

/** A slice that a manager has asked for, and that was made. */
interface Made {
  /** The process, and which start of it. */
  readonly by: string;
  readonly uid: Uid;
  /** It has taken the answer in. */
  isTold: boolean;
}

/**
 * S45. Who has been told of a slice that it made asks for no second one with an address of that, of the same service and
 * ports, as long as the first is there: also before its informer shows it.
 */
export const slicesAreMadeOnce: ClusterProperty = {
  id: "workloads/slices-are-made-once",
  kind: "always",
  source: "kubernetes staging/src/k8s.io/endpointslice/util/endpointslice_tracker.go, StaleSlices; kubernetes#99345",
  monitor(context) {
    const calls = callLedgerOf(context);
    const starts = new Map<RequestId, string>();
    const made = new Map<RequestId, Made>();
    calls.listen({
      called({ id, request }, process) {
        if (request.verb !== "create" || request.resource !== "endpointslices") return;
        const by = `${process.id} ${process.incarnation} ${apiOf(process.state)?.bootedAt}`;
        starts.set(id, by);
        const slice = request.object as EndpointSlice;
        for (const one of made.values()) {
          if (one.by !== by || !one.isTold) continue;
          const other = calls.ledger.byUid(one.uid);
          const twice = other === undefined ? null : addressInBoth(slice, other.object as EndpointSlice);
          if (twice === null) continue;
          context.violate(`${process.id} asks for a slice with ${twice}, which is in ${other!.key} that it has made`, {
            uid: one.uid,
          });
          return;
        }
      },
      answered({ id }, response) {
        const by = starts.get(id);
        if (by === undefined) return;
        starts.delete(id);
        const uid = objectAnswered(response)?.metadata.uid;
        if (uid !== undefined) made.set(id, { by, uid, isTold: false });
      },
    });
    calls.ledger.on<EndpointSlice>("endpointslices", ({ before, after }) => {
      if (after !== null) return;
      for (const [id, { uid }] of made) if (uid === before?.metadata.uid) made.delete(id);
    });
    return calls.with({
      concerns: { changes: ["slots"], messages: [], notes: [] },
      onStep(_process, _before, _after, input) {
        if (input.kind !== "receive" || input.message.kind !== "apiAnswer") return;
        const one = made.get(input.message.id);
        if (one !== undefined) one.isTold = true;
      },
    });
  },
};

function addressInBoth(one: EndpointSlice, two: EndpointSlice): string | null {
  const [owner] = one.metadata.ownerReferences ?? [];
  if (isDeleting(two) || two.metadata.ownerReferences?.[0]?.uid !== owner?.uid) return null;
  if (!same(one.ports ?? [], two.ports ?? [])) return null;
  const addresses = new Set(two.endpoints.flatMap((endpoint) => endpoint.addresses));
  return one.endpoints.flatMap((endpoint) => endpoint.addresses).find((address) => addresses.has(address)) ?? null;
}
