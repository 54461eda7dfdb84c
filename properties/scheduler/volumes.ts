/** Where the claims of a pod let it be, told once more in plain loops. */
import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from "../../models/machinery/kinds/index.ts";
import { matchesNode } from "../../models/scheduler/naive/filter.ts";
import { joinKey, quantityOf, selects } from "../cluster/objects.ts";

/** The objects about storage that somebody knows of. */
export interface Storage {
  /** By `namespace/name`. */
  readonly claims: ReadonlyMap<string, PersistentVolumeClaim>;
  readonly volumes: readonly PersistentVolume[];
  readonly classes: ReadonlyMap<string, StorageClass>;
}

const BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
const SELECTED_NODE = "volume.kubernetes.io/selected-node";

/** The keys of a pod's claims. */
export function claimKeys({ spec, metadata }: Pod): readonly string[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim !== undefined) return [joinKey(metadata.namespace, persistentVolumeClaim.claimName)];
    return ephemeral === undefined ? [] : [joinKey(metadata.namespace, `${metadata.name}-${name}`)];
  });
}

/** Why the claims of a pod keep it from a node, or null (kubernetes pkg/scheduler/framework/plugins/volumebinding). */
export function volumeRefusal(storage: Storage, pod: Pod, node: Node): string | null {
  const waiting: PersistentVolumeClaim[] = [];
  for (const key of claimKeys(pod)) {
    const claim = storage.claims.get(key);
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return `claim ${key} is not there`;
    if (claim.status?.phase === "Lost") return `claim ${key} has lost its volume`;
    if (isBound(claim)) {
      const volume = storage.volumes.find(({ metadata }) => metadata.name === claim.spec.volumeName);
      if (volume === undefined) return `volume ${claim.spec.volumeName} is not there`;
      if (!isUsable(volume, node)) return `volume ${volume.metadata.name} cannot be used there`;
    } else if (!waitsForConsumer(storage, claim)) return `claim ${key} is not bound`;
    else waiting.push(claim);
  }
  return waiting.length === 0 ? null : delayedRefusal(storage, waiting, node);
}

/** Each claim that waits needs a volume of its own, or a class that makes one there. */
function delayedRefusal(storage: Storage, claims: readonly PersistentVolumeClaim[], node: Node): string | null {
  const taken = new Set<string>();
  for (const claim of claims.toSorted((one, two) => sizeOf(one) - sizeOf(two))) {
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    const { name } = claim.metadata;
    if (selected !== undefined && selected !== node.metadata.name) return `claim ${name} was promised to ${selected}`;
    const volume = selected === undefined ? volumeFor(storage, claim, node, taken) : undefined;
    if (volume !== undefined) taken.add(volume.metadata.name);
    else if (!isMadeOnDemand(storage, claim)) return `claim ${name} finds no volume there`;
  }
  return null;
}

function volumeFor({ volumes }: Storage, claim: PersistentVolumeClaim, node: Node, taken: ReadonlySet<string>) {
  const fitting = volumes.filter((volume) => !taken.has(volume.metadata.name) && fits(volume, claim));
  const reserved = fitting.find(({ spec }) => spec.claimRef !== undefined);
  if (reserved !== undefined) return isUsable(reserved, node) ? reserved : undefined;
  return fitting.find((volume) => isUsable(volume, node));
}

/** Whether a volume suits a claim, wherever it is: one that is reserved for it, or that is free. */
function fits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { spec, metadata, status } = volume;
  if (metadata.deletionTimestamp !== undefined || quantityOf(spec.capacity?.["storage"]) < sizeOf(claim)) return false;
  if ((spec.volumeMode ?? "Filesystem") !== (claim.spec.volumeMode ?? "Filesystem")) return false;
  const { claimRef } = spec;
  if (claimRef !== undefined)
    return (
      claimRef.namespace === claim.metadata.namespace &&
      claimRef.name === claim.metadata.name &&
      (claimRef.uid ?? claim.metadata.uid) === claim.metadata.uid
    );
  if ((status?.phase ?? "Available") !== "Available") return false;
  if ((spec.storageClassName ?? "") !== (claim.spec.storageClassName ?? "")) return false;
  if (claim.spec.selector !== undefined && !selects(claim.spec.selector, metadata.labels)) return false;
  return (claim.spec.accessModes ?? []).every((mode) => spec.accessModes?.includes(mode));
}

function isUsable({ spec }: PersistentVolume, node: Node): boolean {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms;
  return terms === undefined || terms.some((term) => matchesNode(term, node));
}

export function isBound(claim: PersistentVolumeClaim): boolean {
  if ((claim.spec.volumeName ?? "") === "") return false;
  return claim.metadata.annotations?.[BIND_COMPLETED] !== undefined || claim.status?.phase === "Bound";
}

function classOf({ classes }: Storage, { spec }: PersistentVolumeClaim): StorageClass | undefined {
  return classes.get(spec.storageClassName ?? "");
}

function waitsForConsumer(storage: Storage, claim: PersistentVolumeClaim): boolean {
  const isNamed = (claim.spec.volumeName ?? "") !== "";
  return !isNamed && classOf(storage, claim)?.volumeBindingMode === "WaitForFirstConsumer";
}

function isMadeOnDemand(storage: Storage, claim: PersistentVolumeClaim): boolean {
  const provisioner = classOf(storage, claim)?.provisioner ?? "";
  return provisioner !== "" && provisioner !== "kubernetes.io/no-provisioner";
}

function sizeOf({ spec }: PersistentVolumeClaim): number {
  return quantityOf(spec.resources?.requests?.["storage"]);
}
