import { mapGet } from "../../models/kernel/index.ts";
import type { ResourceName } from "../../models/machinery/api.ts";
import type { ApiState, Informer } from "../../models/machinery/client/types.ts";
import type { KubeObject, Pod } from "../../models/machinery/kinds/index.ts";
import type { ClusterState } from "./cluster-property.ts";

/** A component's side of the API, or null where it has none. */
export function apiOf(state: ClusterState | null): ApiState | null {
  return ((state as { readonly api?: ApiState } | null)?.api as ApiState | undefined) ?? null;
}

/** What an informer of a component has under a key. */
export function cachedObject(state: ClusterState | null, resource: ResourceName, key: string): KubeObject | null {
  const informer = apiOf(state)?.informers?.find(({ spec }) => spec.resource === resource);
  return informer === undefined ? null : (mapGet(informer.objects, key) ?? null);
}

/** Tells which objects an informer selects; null: its selectors are of a kind that properties do not read. */
export function selectionOf({ spec }: Informer): ((object: KubeObject) => boolean) | null {
  if (spec.labelSelector !== "") return null;
  if (spec.fieldSelector === "") return () => true;
  const [, field, value] = /^([\w.]+)=([^,!=]+)$/.exec(spec.fieldSelector) ?? [];
  if (field === "spec.nodeName") return (object) => ((object as Pod).spec.nodeName ?? "") === value;
  if (field === "metadata.name") return (object) => object.metadata.name === value;
  return null;
}
