import type { Eviction, Pod, Uid } from "../../models/machinery/kinds/index.ts";
import { callLedgerOf, keyOfRequest } from "./calls.ts";
import type { ClusterContext } from "./cluster-property.ts";
import { sharedByRun } from "./shared.ts";

/**
 * Pods that were given up without their kubelet's word: a person has deleted them by force (grace 0), or their Node was
 * deleted. "The API server will not wait for the kubelet's confirmation" (kubernetes tasks, Force Delete StatefulSet Pods):
 * who does that has to know that nothing of them runs any more, so that nothing is promised of them.
 */
export class Abandoned {
  readonly #uids = new Set<Uid>();
  readonly #nodes = new Set<string>();

  constructor(context: ClusterContext) {
    const calls = callLedgerOf(context);
    const { ledger } = calls;
    calls.listen({
      called: ({ request }, process) => {
        if (request.resource !== "pods" || process.config.kind !== "kubectl") return;
        if (request.verb === "delete" && request.options.gracePeriodSeconds === 0)
          this.#give(ledger.get("pods", keyOfRequest(request)));
        else if (request.verb === "deletecollection" && request.options.gracePeriodSeconds === 0) {
          for (const stored of ledger.all("pods").values()) this.#give(stored);
        } else if (request.verb === "create" && request.subresource === "eviction") {
          if ((request.object as Eviction).deleteOptions?.gracePeriodSeconds === 0)
            this.#give(ledger.get("pods", keyOfRequest(request)));
        }
      },
    });
    ledger.on("nodes", ({ key, after }) => {
      if (after === null) this.#nodes.add(key);
    });
    ledger.on<Pod>("pods", ({ before }) => {
      if (before?.spec.nodeName !== undefined && this.#nodes.has(before.spec.nodeName))
        this.#uids.add(before.metadata.uid ?? "");
    });
  }

  has(uid: Uid): boolean {
    return this.#uids.has(uid);
  }

  /** Whether a Node of this name was ever deleted. */
  hasNode(node: string): boolean {
    return this.#nodes.has(node);
  }

  #give(stored: { readonly object: { readonly metadata: { readonly uid?: Uid } } } | undefined): void {
    const uid = stored?.object.metadata.uid;
    if (uid !== undefined) this.#uids.add(uid);
  }
}

/** The abandoned pods of the run that a monitor watches. Its monitor has to be fed by the ledger of calls. */
export const abandonedOf: (context: ClusterContext) => Abandoned = sharedByRun((context) => new Abandoned(context));
