import type { Endpoint, EndpointSlice } from "../../models/machinery/kinds/index.ts";
import type { ClusterContext } from "../cluster/cluster-property.ts";
import { type ClusterLedger, clusterLedgerOf, subMap } from "../cluster/ledger.ts";
import { sharedByRun } from "../cluster/shared.ts";

/** Which slices there have been of each service, so that they can be looked up as they were. */
export class SliceLedger {
  readonly ledger: ClusterLedger;
  readonly #keys = new Map<string, Map<string, true>>();

  constructor(context: ClusterContext) {
    this.ledger = clusterLedgerOf(context);
    this.ledger.on<EndpointSlice>("endpointslices", ({ key, before, after }) => {
      for (const slice of [before, after]) {
        const service = serviceOfSlice(slice);
        if (service !== "") subMap(this.#keys, service).set(key, true);
      }
    });
  }

  /**
   * The endpoints of a service as they were at a revision; undefined where that is not known any more.
   *
   * @param portName only those that have this port of the service
   */
  endpointsAt(service: string, revision: number, portName?: string): readonly Endpoint[] | undefined {
    const endpoints: Endpoint[] = [];
    for (const key of this.#keys.get(service)?.keys() ?? []) {
      const change = this.ledger.changeUpTo("endpointslices", key, revision);
      if (change === undefined) return undefined;
      const slice = change?.after as EndpointSlice | null | undefined;
      if (slice == null || serviceOfSlice(slice) !== service) continue;
      if (portName !== undefined && !(slice.ports ?? []).some(({ name = "" }) => name === portName)) continue;
      endpoints.push(...(slice.endpoints ?? []));
    }
    return endpoints;
  }

  /** As they are now. */
  endpointsOf(service: string): readonly Endpoint[] {
    return this.endpointsAt(service, Number.MAX_SAFE_INTEGER) ?? [];
  }
}

/** `namespace/name`; empty: of none. */
export function serviceOfSlice(slice: EndpointSlice | null): string {
  const name = slice?.metadata.labels?.["kubernetes.io/service-name"] ?? "";
  return name === "" ? "" : `${slice?.metadata.namespace ?? ""}/${name}`;
}

export const sliceLedgerOf: (context: ClusterContext) => SliceLedger = sharedByRun(
  (context) => new SliceLedger(context),
);
