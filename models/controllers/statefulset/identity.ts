import type {
  PersistentVolumeClaim,
  Pod,
  PodTemplateSpec,
  StatefulSet,
  StringMap,
  Volume,
} from "../../machinery/kinds/index.ts";
import { namespaceOf, podFromTemplate } from "../shared/pod-control.ts";

export const REVISION_LABEL = "controller-revision-hash";
const POD_NAME_LABEL = "statefulset.kubernetes.io/pod-name";
const POD_INDEX_LABEL = "apps.kubernetes.io/pod-index";

export function replicasOf({ spec }: StatefulSet): number {
  return spec.replicas ?? 1;
}

export function startOf({ spec }: StatefulSet): number {
  return spec.ordinals?.start ?? 0;
}

export function partitionOf({ spec }: StatefulSet): number {
  return spec.updateStrategy?.rollingUpdate?.partition ?? 0;
}

export function isRollingUpdate({ spec }: StatefulSet): boolean {
  return (spec.updateStrategy?.type ?? "RollingUpdate") === "RollingUpdate";
}

/** One after the other, each ready before the next (stateful_set_utils.go, allowsBurst). */
export function isOrdered({ spec }: StatefulSet): boolean {
  return (spec.podManagementPolicy ?? "OrderedReady") === "OrderedReady";
}

export function podNameOf(set: StatefulSet, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

/** The ordinal of a pod of that name; -1 where it has none (stateful_set_utils.go, getParentNameAndOrdinal). */
export function ordinalOf(name: string): number {
  const found = /-(\d+)$/.exec(name);
  return found === null ? -1 : Number(found[1]);
}

/** Its name is that of the set and an ordinal (stateful_set_utils.go, isMemberOf). */
export function isMember(set: StatefulSet, pod: Pod): boolean {
  return /^(.*)-\d+$/.exec(pod.metadata.name)?.[1] === set.metadata.name;
}

export function isInRange(set: StatefulSet, pod: Pod): boolean {
  const ordinal = ordinalOf(pod.metadata.name);
  return ordinal >= startOf(set) && ordinal < startOf(set) + replicasOf(set);
}

export function podRevision(pod: Pod): string {
  return pod.metadata.labels?.[REVISION_LABEL] ?? "";
}

function identityLabels(name: string): StringMap {
  return { [POD_NAME_LABEL]: name, [POD_INDEX_LABEL]: String(ordinalOf(name)) };
}

/** The pod of an ordinal, of a template and a revision (stateful_set_utils.go, newStatefulSetPod). */
export function newPod(set: StatefulSet, template: PodTemplateSpec, revision: string, ordinal: number): Pod {
  const name = podNameOf(set, ordinal);
  const pod = podFromTemplate(template, set);
  const { generateName: _generateName, ...metadata } = pod.metadata;
  return {
    ...pod,
    metadata: {
      ...metadata,
      name,
      labels: { ...metadata.labels, ...identityLabels(name), [REVISION_LABEL]: revision },
    },
    spec: {
      ...pod.spec,
      hostname: name,
      ...(set.spec.serviceName === undefined ? {} : { subdomain: set.spec.serviceName }),
      ...volumesWith(set, pod, name),
    },
  };
}

/** The claims of a pod are among its volumes (stateful_set_utils.go, updateStorage). */
function volumesWith(set: StatefulSet, pod: Pod, name: string): { readonly volumes?: readonly Volume[] } {
  const templates = set.spec.volumeClaimTemplates ?? [];
  if (templates.length === 0) return {};
  const others = (pod.spec.volumes ?? []).filter(
    (volume) => !templates.some(({ metadata }) => metadata.name === volume.name),
  );
  const claims = templates.map(({ metadata }): Volume => {
    const claimName = claimNameOf(set, metadata.name, ordinalOf(name));
    return { name: metadata.name, persistentVolumeClaim: { claimName, readOnly: false } };
  });
  return { volumes: [...claims, ...others] };
}

/** stateful_set_utils.go, getPersistentVolumeClaimName. */
export function claimNameOf(set: StatefulSet, template: string, ordinal: number): string {
  return `${template}-${set.metadata.name}-${ordinal}`;
}

/** The claims that a pod of the set needs (stateful_set_utils.go, getPersistentVolumeClaims). */
export function claimsOf(set: StatefulSet, ordinal: number): readonly PersistentVolumeClaim[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    ...template,
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      ...template.metadata,
      name: claimNameOf(set, template.metadata.name, ordinal),
      ...namespaceOf(set),
      labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
    },
  }));
}

/** The pod with the labels of its identity (stateful_set_utils.go, identityMatches, updateIdentity); the same where it has them. */
export function withIdentity(pod: Pod): Pod {
  const wanted = identityLabels(pod.metadata.name);
  const { labels } = pod.metadata;
  if (Object.keys(wanted).every((name) => labels?.[name] === wanted[name])) return pod;
  return { ...pod, metadata: { ...pod.metadata, labels: { ...labels, ...wanted } } };
}
