import type { ApiRequest, ApiResponse } from "../../machinery/api.ts";
import { getRequest, updateRequest } from "../../machinery/client/requests.ts";
import type { KubeObject } from "../../machinery/kinds/index.ts";
import { resourceOfKind } from "../../machinery/resources.ts";
import { objectOf } from "../../machinery/status.ts";
import { errorOf, hasFailed } from "./answers.ts";

/**
 * A write of a status under way: written on the cached object; where that fails, on the one that a live read gives, for
 * `retries` times (kubernetes pkg/controller/replicaset/replica_set_utils.go, updateReplicaSetStatus; the same loop is in
 * daemon_controller.go and stateful_set_status_updater.go). Plain data.
 */
export interface StatusWrite<O extends KubeObject = KubeObject> {
  readonly object: O;
  readonly status: unknown;
  readonly retries: number;
  readonly reading: boolean;
}

export type StatusWritten<O extends KubeObject> =
  | { readonly kind: "next"; readonly write: StatusWrite<O> }
  | { readonly kind: "written"; readonly object: O }
  | { readonly kind: "failed"; readonly error: string };

export function statusWrite<O extends KubeObject>(object: O, status: unknown, retries = 1): StatusWrite<O> {
  return { object, status, retries, reading: false };
}

export function statusRequest({ object, status, reading }: StatusWrite): ApiRequest {
  const { namespace = "", name } = object.metadata;
  if (reading) return getRequest(resourceOfKind(object.apiVersion, object.kind).name, namespace, name);
  return updateRequest({ ...object, status } as KubeObject, "status");
}

/**
 * The answer to {@link statusRequest}. The status is written again only on an object of the same UID; the real one does
 * not look, and may write onto a successor what it has observed of another.
 */
export function statusAnswered<O extends KubeObject>(
  write: StatusWrite<O>,
  response: ApiResponse | null,
): StatusWritten<O> {
  const answered = objectOf<O>(response);
  if (write.reading) {
    if (answered === null) return { kind: "failed", error: errorOf(response) };
    if (answered.metadata.uid !== write.object.metadata.uid)
      return { kind: "failed", error: `${write.object.metadata.name} is gone` };
    return { kind: "next", write: { ...write, object: answered, retries: write.retries - 1, reading: false } };
  }
  if (!hasFailed(response)) return { kind: "written", object: answered ?? write.object };
  if (write.retries === 0) return { kind: "failed", error: errorOf(response) };
  return { kind: "next", write: { ...write, reading: true } };
}
