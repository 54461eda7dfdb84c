/** plugins/volumebinding: volume_binding.go and binder.go. */
import type { KubeObject, Node, PersistentVolume, PersistentVolumeClaim, Pod } from "../../machinery/kinds/index.ts";
import { annotationOf, withMeta } from "../../machinery/meta.ts";
import { value } from "../../machinery/quantity.ts";
import { matchesLabels, selectorOf } from "../../machinery/selectors.ts";
import type { Listers } from "../framework/listers.ts";
import { labelIn } from "../framework/node-affinity.ts";
import { found, type Plugin, type PreFilterAnswer, type Reservation, refusal } from "../framework/plugin.ts";
import { failed, SKIP, type Status, unresolvable } from "../framework/status.ts";
import { claimsFlaw, classOfClaim, classOfVolume, type PodClaims, podClaimsOf, SELECTED_NODE } from "./claims.ts";
import { isVolumeUsableAt, matchingVolume, sizeOfClaim } from "./volume-match.ts";

/** What would be done for the claims of a pod on a node (binder.go, PodVolumes). */
export interface PodVolumes {
  readonly reasons: readonly string[];
  readonly bindings: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[];
  readonly provisions: readonly PersistentVolumeClaim[];
}

const NODE_CONFLICT = "node(s) had volume node affinity conflict";
const BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind";
const TOO_LITTLE = "node(s) did not have enough free storage";
const NO_VOLUME = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
/** component-helpers storage/volume, NotSupportedProvisioner. */
const NO_PROVISIONER = "kubernetes.io/no-provisioner";

const NO_RESERVATION: Reservation = { writes: [], changes: [] };

export const volumeBinding: Plugin<PodClaims> = {
  name: "VolumeBinding",
  preFilter: ({ pod, listers }) => preFilter(pod.pod, listers),
  filter: (state, { pod, listers }, { node }) => {
    const claims = state ?? preFilter(pod.pod, listers).state;
    if (claims === null) return null;
    const volumes = volumesAt(claims, node, listers);
    if (typeof volumes === "string") return failed(volumes);
    return volumes.reasons.length === 0 ? null : statusOf(volumes.reasons);
  },
  reserve: (state, { listers }, { node }) => (state === null ? NO_RESERVATION : reservation(state, node, listers)),
};

/** volume_binding.go, PreFilter. */
function preFilter(pod: Pod, listers: Listers): PreFilterAnswer<PodClaims> {
  const flaw = claimsFlaw(pod, listers);
  if (flaw === "none") return refusal(SKIP);
  if (flaw !== null) return refusal(flaw);
  const claims = podClaimsOf(pod, listers);
  if (typeof claims === "string") return refusal(failed(claims));
  // They are not bound by the scheduler, and may be bound where the pod cannot be.
  if (claims.immediate.length > 0) return refusal(unresolvable("pod has unbound immediate PersistentVolumeClaims"));
  return found(claims);
}

function statusOf(reasons: readonly string[]): Status {
  return unresolvable(...reasons);
}

/** binder.go, FindPodVolumes. A text: what is wrong with the claims themselves. */
export function volumesAt(claims: PodClaims, node: Node, listers: Listers): PodVolumes | string {
  const { usable, found: allFound } = boundClaims(claims.bound, node, listers);
  const reasons = (satisfied: boolean, enough: boolean): readonly string[] => [
    ...(usable ? [] : [NODE_CONFLICT]),
    ...(satisfied ? [] : [BIND_CONFLICT]),
    ...(enough ? [] : [TOO_LITTLE]),
    ...(allFound ? [] : [NO_VOLUME]),
  ];
  const toMatch: PersistentVolumeClaim[] = [];
  const toProvision: PersistentVolumeClaim[] = [];
  for (const claim of claims.delayed) {
    const selected = annotationOf(claim, SELECTED_NODE);
    if (selected === null) toMatch.push(claim);
    else if (selected === node.metadata.name) toProvision.push(claim);
    else return { reasons: reasons(false, true), bindings: [], provisions: [] };
  }
  const { bindings, rest } = matchedVolumes(toMatch, node, listers);
  toProvision.push(...rest);
  const provision = provisionsAt(toProvision, node, listers);
  if (typeof provision === "string") return provision;
  return { reasons: reasons(provision.satisfied, provision.enough), bindings, provisions: toProvision };
}

/** binder.go, checkBoundClaims: the first that will not do decides. */
function boundClaims(bound: readonly PersistentVolumeClaim[], node: Node, { volumes }: Listers) {
  for (const { spec } of bound) {
    const volume = volumes.get("", spec.volumeName!);
    if (volume === null) return { usable: true, found: false };
    if (!isVolumeUsableAt(volume, node)) return { usable: false, found: true };
  }
  return { usable: true, found: true };
}

/** binder.go, findMatchingVolumes: the smallest claims first. */
function matchedVolumes(claims: readonly PersistentVolumeClaim[], node: Node, { volumes }: Listers) {
  const bindings: { claim: PersistentVolumeClaim; volume: PersistentVolume }[] = [];
  const rest: PersistentVolumeClaim[] = [];
  const taken = new Set<string>();
  for (const claim of claims.toSorted((one, two) => sizeOfClaim(one) - sizeOfClaim(two))) {
    const candidates = volumes.list().filter((volume) => classOfVolume(volume) === classOfClaim(claim));
    const volume = matchingVolume(claim, candidates, node, taken);
    if (volume === null) rest.push(claim);
    else {
      taken.add(volume.metadata.name);
      bindings.push({ claim, volume });
    }
  }
  return { bindings, rest };
}

/** binder.go, checkVolumeProvisions. */
function provisionsAt(
  claims: readonly PersistentVolumeClaim[],
  node: Node,
  listers: Listers,
): { readonly satisfied: boolean; readonly enough: boolean } | string {
  for (const claim of claims) {
    const name = `${claim.metadata.namespace}/${claim.metadata.name}`;
    const className = classOfClaim(claim);
    if (className === "") return `no class for claim "${name}"`;
    const storageClass = listers.classes.get("", className);
    if (storageClass === null) return `failed to find storage class "${className}"`;
    const { provisioner, allowedTopologies = [] } = storageClass;
    if (provisioner === "" || provisioner === NO_PROVISIONER) return { satisfied: false, enough: true };
    if (!matchesTopologies(allowedTopologies as readonly TopologySelectorTerm[], node))
      return { satisfied: false, enough: true };
    if (!hasCapacity(provisioner, claim, className, node, listers)) return { satisfied: true, enough: false };
  }
  return { satisfied: true, enough: true };
}

interface TopologySelectorTerm {
  readonly matchLabelExpressions?: readonly { readonly key: string; readonly values: readonly string[] }[];
}

/** component-helpers scheduling/corev1, MatchTopologySelectorTerms: no terms, or one that holds; an empty one holds nowhere. */
function matchesTopologies(terms: readonly TopologySelectorTerm[], { metadata }: Node): boolean {
  if (terms.length === 0) return true;
  return terms.some(({ matchLabelExpressions = [] }) => {
    if (matchLabelExpressions.length === 0) return false;
    return matchLabelExpressions.every(({ key, values }) => {
      const value = labelIn(metadata.labels, key);
      return value !== undefined && values.includes(value);
    });
  });
}

/** binder.go, hasEnoughCapacity: only for drivers that publish what is free. */
function hasCapacity(
  provisioner: string,
  claim: PersistentVolumeClaim,
  className: string,
  { metadata }: Node,
  { csiDrivers, capacities }: Listers,
): boolean {
  const size = sizeOfClaim(claim);
  if (size === 0 || csiDrivers.get("", provisioner)?.spec?.storageCapacity !== true) return true;
  return capacities.list().some((capacity) => {
    if (capacity.storageClassName !== className) return false;
    const free = capacity.maximumVolumeSize ?? capacity.capacity;
    if (free === undefined || value(free) < size) return false;
    return capacity.nodeTopology !== undefined && matchesLabels(selectorOf(capacity.nodeTopology), metadata.labels);
  });
}

/**
 * binder.go, AssumePodVolumes: volumes are promised to claims, and claims to a node. What is promised already is written all
 * the same, but nothing will be heard of that write (pv_util.go, GetBindVolumeToClaim: not dirty).
 */
function reservation(claims: PodClaims, node: Node, listers: Listers): Reservation {
  const volumes = volumesAt(claims, node, listers);
  if (typeof volumes === "string") return NO_RESERVATION;
  const reserved = volumes.bindings.map(({ claim, volume }) => {
    const { name, namespace = "", uid } = claim.metadata;
    const promised = volume.spec.claimRef;
    if (promised?.name === name && promised.namespace === namespace && promised.uid === uid) return volume;
    const claimRef = { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace };
    const reference = uid === undefined ? claimRef : { ...claimRef, uid };
    return { ...volume, spec: { ...volume.spec, claimRef: reference } };
  });
  const provisioned = volumes.provisions.map((claim) =>
    annotationOf(claim, SELECTED_NODE) === node.metadata.name
      ? claim
      : withMeta(claim, { annotations: { ...claim.metadata.annotations, [SELECTED_NODE]: node.metadata.name } }),
  );
  const seen = new Set<KubeObject>([...volumes.bindings.map(({ volume }) => volume), ...volumes.provisions]);
  const writes = [...reserved, ...provisioned];
  return { writes, changes: writes.filter((object) => !seen.has(object)) };
}
