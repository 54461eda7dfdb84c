/** What the scheduler hears of (kubernetes pkg/scheduler/scheduler.go, NewInformerFactory), and how its plugins see it. */
import type { Api } from "../machinery/client/api.ts";
import type { InformerSpec } from "../machinery/client/types.ts";
import type { KubeObject } from "../machinery/kinds/index.ts";
import { type Lister, type Listers, listerOf } from "./framework/listers.ts";
import { overlaid } from "./storage.ts";
import type { AssumedStorage, EventResource, SchedulerTypes } from "./types.ts";

function informer(resource: string, fieldSelector = ""): InformerSpec {
  return { resource, labelSelector: "", fieldSelector, indexes: [], resyncUs: 0 };
}

/** Pods that have run to their end are not looked at. */
const INFORMERS: readonly InformerSpec[] = [
  informer("pods", "status.phase!=Succeeded,status.phase!=Failed"),
  informer("nodes"),
  informer("persistentvolumeclaims"),
  informer("persistentvolumes"),
  informer("storageclasses"),
  informer("namespaces"),
  informer("services"),
  informer("replicasets"),
  informer("statefulsets"),
  informer("poddisruptionbudgets"),
];

/** What CSI drivers publish. The API server of the models has no such kinds: they pass as plain objects. */
const CSI_INFORMERS: readonly InformerSpec[] = [
  informer("csinodes.storage.k8s.io"),
  informer("csidrivers.storage.k8s.io"),
  informer("csistoragecapacities.storage.k8s.io"),
  informer("volumeattachments.storage.k8s.io"),
];

export function informersOf(csi: boolean): readonly InformerSpec[] {
  return csi ? [...INFORMERS, ...CSI_INFORMERS] : INFORMERS;
}

/** The storage objects of which a change is told to plugins (eventhandlers.go, addAllEventHandlers). */
export const STORAGE_RESOURCES: Readonly<Record<string, EventResource>> = {
  persistentvolumeclaims: "claim",
  persistentvolumes: "volume",
  storageclasses: "storageClass",
  "csinodes.storage.k8s.io": "csiNode",
  "csidrivers.storage.k8s.io": "csiDriver",
  "csistoragecapacities.storage.k8s.io": "csiStorageCapacity",
  "volumeattachments.storage.k8s.io": "volumeAttachment",
};

/** The listers of a scheduler: its informers, with what it has assumed. */
export function listersOf(api: Api<SchedulerTypes>, storage: AssumedStorage, csi: boolean): Listers {
  const of = <O extends KubeObject>(resource: string) => api.view<O>(resource);
  const ofCsi = <O extends KubeObject>(resource: string): Lister<O> =>
    csi ? anyNamespace(api.view<O>(`${resource}.storage.k8s.io`)) : listerOf<O>([]);
  return {
    namespaces: of("namespaces"),
    services: of("services"),
    replicaSets: of("replicasets"),
    statefulSets: of("statefulsets"),
    replicationControllers: listerOf([]),
    claims: overlaid(of("persistentvolumeclaims"), storage.claims),
    volumes: overlaid(of("persistentvolumes"), storage.volumes),
    classes: of("storageclasses"),
    csiNodes: ofCsi("csinodes"),
    csiDrivers: ofCsi("csidrivers"),
    capacities: ofCsi("csistoragecapacities"),
    attachments: ofCsi("volumeattachments"),
    budgets: of("poddisruptionbudgets"),
    priorityClasses: listerOf([]),
  };
}

/** Objects of a kind that the API server does not know are in namespaces there, whatever the real ones are. */
function anyNamespace<O extends KubeObject>(lister: Lister<O>): Lister<O> {
  return {
    get: (_, name) => lister.list().find(({ metadata }) => metadata.name === name) ?? null,
    list: (namespace) => lister.list(namespace),
  };
}
