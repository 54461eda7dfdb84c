import type { ApiResponse } from "../machinery/api.ts";
import { createRequest, getRequest, updateRequest } from "../machinery/client/requests.ts";
import type { Lease } from "../machinery/kinds/index.ts";
import { isAlreadyExists, isConflict, isNotFound, objectOf } from "../machinery/status.ts";
import { microTimeOf } from "../machinery/time.ts";
import { note } from "./notes.ts";
import type { KubeletTurn } from "./turn.ts";

/** When the lease is renewed. */
export const LEASE_DUE = "lease";

export const LEASE_NAMESPACE = "kube-node-lease";

export type LeaseTag = { readonly what: "lease"; readonly verb: "get" | "create" | "update" };

/** A failure is followed up after this, doubled each time (component-helpers lease/controller.go). */
const RETRY_US = 200_000;
const RETRY_MAX_US = 7_000_000;

/** Renews the node's lease, its sign of life (component-helpers apimachinery/lease/controller.go, sync). */
export function renewLease(turn: KubeletTurn): void {
  turn.due(LEASE_DUE, turn.now + turn.config.leaseRenewUs);
  const { leaseIsBusy, lease } = turn.node;
  if (leaseIsBusy) return;
  if (lease === null) ask(turn, "get");
  else ask(turn, "update", renewed(turn, lease));
}

function ask(turn: KubeletTurn, verb: LeaseTag["verb"], lease?: Lease): void {
  const tag: LeaseTag = { what: "lease", verb };
  turn.node = { ...turn.node, leaseIsBusy: true };
  if (verb === "create") turn.api.call(createRequest(lease!, LEASE_NAMESPACE), tag);
  else if (verb === "update") turn.api.call(updateRequest(lease!), tag);
  else turn.api.call(getRequest("leases", LEASE_NAMESPACE, turn.config.node), tag);
}

function renewed(turn: KubeletTurn, lease: Lease): Lease {
  const { node, leaseDurationSeconds } = turn.config;
  const renewTime = microTimeOf(turn.wall);
  return { ...lease, spec: { ...lease.spec, holderIdentity: node, leaseDurationSeconds, renewTime } };
}

/** The lease as it is made, owned by its node. */
function firstLease(turn: KubeletTurn): Lease {
  const { node: name } = turn.config;
  const uid = turn.ownNode?.metadata.uid;
  const owner = uid === undefined ? {} : { ownerReferences: [{ apiVersion: "v1", kind: "Node", name, uid }] };
  const metadata = { name, namespace: LEASE_NAMESPACE, ...owner };
  return renewed(turn, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata });
}

export function leaseAnswered(turn: KubeletTurn, { verb }: LeaseTag, response: ApiResponse | null): void {
  turn.node = { ...turn.node, leaseIsBusy: false };
  const lease = objectOf<Lease>(response);
  if (lease !== null) {
    turn.node = { ...turn.node, lease, leaseFailures: 0 };
    if (verb === "get") ask(turn, "update", renewed(turn, lease));
    else turn.note(note.leaseRenewed);
    return;
  }
  if (verb === "get" && isNotFound(response)) {
    ask(turn, "create", firstLease(turn));
    return;
  }
  if (isConflict(response) || isAlreadyExists(response)) turn.note(note.leaseLost);
  // What it has become is read anew.
  const { leaseFailures } = turn.node;
  turn.node = { ...turn.node, lease: null, leaseFailures: leaseFailures + 1 };
  const waitUs = Math.min(RETRY_MAX_US, RETRY_US * 2 ** Math.min(leaseFailures, 10));
  turn.due(LEASE_DUE, turn.now + Math.min(waitUs, turn.config.leaseRenewUs));
}
