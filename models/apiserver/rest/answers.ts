import type { ApiResponse, ResourceName, Status } from "../../machinery/api.ts";
import type { KubeObject } from "../../machinery/kinds/index.ts";
import { failure, internalError, success, timeout, tooManyRequests } from "../../machinery/status.ts";
import type { ErrorCode } from "../../store/types.ts";

/** What a client is told of a call of the store that failed, or whose outcome nobody knows. */
export function storeFailure(code: ErrorCode | null): Status {
  switch (code) {
    case null:
    case "timeout":
      return timeout("request did not complete within requested timeout - context deadline exceeded");
    case "tooManyRequests":
      return tooManyRequests("etcdserver: too many requests", 1);
    case "leaderChanged":
      return internalError("etcdserver: leader changed");
    case "noLeader":
    case "notLeader":
      return internalError("etcdserver: no leader");
    default:
      return internalError(`etcdserver: ${code}`);
  }
}

/** What a deletion answers that leaves nothing (registry/store.go, finalizeDelete). */
export function deleted(resource: ResourceName, object: KubeObject): ApiResponse {
  const { name, uid } = object.metadata;
  const details = { name, kind: resource, ...(uid === undefined ? {} : { uid }) };
  return { kind: "status", status: success(details) };
}

/** What a binding or an eviction answers. */
export function createdStatus(): ApiResponse {
  return { kind: "status", status: { ...success(), code: 201 } };
}

/** The registry's InterpretUpdateError of an invalid object (storage/errors.go, NewInvalidObjError). */
export function plainFailure(code: number, message: string): Status {
  return failure("", code, message);
}
