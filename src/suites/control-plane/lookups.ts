import type { ApiServerState } from "../../../models/apiserver/types.ts";
import type { ClusterTypes } from "../../../models/cluster/types.ts";
import { mapEach, mapGet } from "../../../models/kernel/index.ts";
import type { KubeObject } from "../../../models/machinery/kinds/index.ts";
import type { ProcessView } from "../../simulator/system.ts";
import type { ControlPlaneOperation } from "./scenario.ts";

type View = ProcessView<ClusterTypes>;

const UID_OF = "uidOf/";

/**
 * What a person looks up before a command, as an API server that is up has it: a `name` that ends with `*` is that of the
 * first object of the resource whose name begins so; a text `uidOf/services/default/web` in an object is the UID of that
 * one (`uidOf/namespaces//extra` without a namespace). What is not there is left as it stands.
 */
export function lookedUp(operation: ControlPlaneOperation, processes: readonly View[]): ControlPlaneOperation {
  const named =
    "name" in operation && operation.name.endsWith("*")
      ? { ...operation, name: firstName(operation, processes) ?? operation.name }
      : operation;
  return JSON.stringify(named).includes(UID_OF) ? (withUids(named, processes) as ControlPlaneOperation) : named;
}

function firstName(
  { resource, namespace, name }: { resource: string; namespace: string; name: string },
  processes: readonly View[],
): string | null {
  const from = `${namespace === "" ? "" : `${namespace}/`}${name.slice(0, -1)}`;
  let found: string | null = null;
  const objects = cacheOf(resource, processes);
  if (objects !== null)
    mapEach(objects, from, `${from}\uffff`, (object) => {
      found = (object as KubeObject).metadata.name;
      return false;
    });
  return found;
}

function withUids(value: unknown, processes: readonly View[]): unknown {
  if (typeof value === "string") return value.startsWith(UID_OF) ? (uidOf(value, processes) ?? value) : value;
  if (Array.isArray(value)) return value.map((one) => withUids(one, processes));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withUids(inner, processes)]));
}

function uidOf(text: string, processes: readonly View[]): string | null {
  const [resource = "", namespace = "", name = ""] = text.slice(UID_OF.length).split("/");
  const objects = cacheOf(resource, processes);
  const object = objects === null ? undefined : mapGet(objects, namespace === "" ? name : `${namespace}/${name}`);
  return (object as KubeObject | undefined)?.metadata.uid ?? null;
}

function cacheOf(resource: string, processes: readonly View[]): ApiServerState["caches"][number]["objects"] | null {
  for (const { status, state } of processes) {
    if (status !== "up" || state?.kind !== "apiServer") continue;
    return state.caches.find((cache) => cache.resource === resource)?.objects ?? null;
  }
  return null;
}
