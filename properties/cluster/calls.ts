import type { ClusterTypes } from "../../models/cluster/types.ts";
import type { Micros, ProcessId, RequestId } from "../../models/kernel/index.ts";
import type { ApiRequest, ApiResponse, UserName } from "../../models/machinery/api.ts";
import type { KubeObject } from "../../models/machinery/kinds/index.ts";
import type { Revision } from "../../models/store/types.ts";
import type { Monitor } from "../../src/checkers/property.ts";
import type { ClusterContext, ClusterMessage, ClusterProcess } from "./cluster-property.ts";
import { type ClusterLedger, clusterLedgerOf } from "./ledger.ts";
import { joinKey } from "./objects.ts";
import { FedOnce, sharedByRun } from "./shared.ts";

/** Calls without an answer that are remembered; later ones push out the earliest. */
const CALLS_MAX = 4_096;

/** A call of the API that was sent. */
export interface ApiCall {
  readonly id: RequestId;
  readonly user: UserName;
  readonly from: ProcessId;
  readonly server: ProcessId;
  readonly request: ApiRequest;
  readonly sentAtUs: Micros;
  /** The revision of the store when it was sent. */
  readonly sentAt: Revision;
}

/** Told of calls as they are sent, and as servers answer them. */
export interface CallListener {
  called?(call: ApiCall, process: ClusterProcess): void;
  answered?(call: ApiCall, response: ApiResponse): void;
}

/** The calls of a run. Reads are not remembered unless a listener wants to see their answers. */
export class CallLedger {
  readonly ledger: ClusterLedger;
  readonly #calls = new Map<RequestId, ApiCall>();
  readonly #listeners: CallListener[] = [];
  readonly #feed: FedOnce;

  constructor(context: ClusterContext) {
    this.ledger = clusterLedgerOf(context);
    this.#feed = new FedOnce({
      concerns: { changes: [], messages: ["apiCall", "apiAnswer"], notes: [] },
      onSend: (process, to, message) => this.#send(process, to, message, context.now()),
    });
  }

  with(own: Monitor<ClusterTypes> = {}): Monitor<ClusterTypes> {
    return this.ledger.with(this.#feed.with(own));
  }

  listen(listener: CallListener): void {
    this.#listeners.push(listener);
  }

  /** Calls that were sent and not answered, oldest first. */
  open(): Iterable<ApiCall> {
    return this.#calls.values();
  }

  #send(process: ClusterProcess, to: ProcessId, message: ClusterMessage, now: Micros): void {
    if (message.kind === "apiCall") {
      const { id, user, request } = message;
      if (request.verb === "get" || request.verb === "list") return;
      const call = { id, user, from: process.id, server: to, request, sentAtUs: now, sentAt: this.ledger.revision };
      this.#calls.set(id, call);
      if (this.#calls.size > CALLS_MAX) this.#calls.delete(this.#calls.keys().next().value!);
      for (const { called } of this.#listeners) called?.(call, process);
    } else if (message.kind === "apiAnswer") {
      const call = this.#calls.get(message.id);
      if (call === undefined || call.server !== process.id) return;
      this.#calls.delete(message.id);
      for (const { answered } of this.#listeners) answered?.(call, message.response);
    }
  }
}

/** The calls of the run that a monitor watches. */
export const callLedgerOf: (context: ClusterContext) => CallLedger = sharedByRun((context) => new CallLedger(context));

/** The key of the object that a request names. */
export function keyOfRequest(request: ApiRequest): string {
  const named = "name" in request ? request.name : "";
  const name = named === "" && request.verb === "create" ? request.object.metadata.name : named;
  return joinKey(request.namespace, name);
}

/** The object of a successful answer, or null. */
export function objectAnswered(response: ApiResponse): KubeObject | null {
  return response.kind === "object" ? response.object : null;
}
