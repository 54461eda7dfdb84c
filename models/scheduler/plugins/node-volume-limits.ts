import type { PersistentVolumeClaim, Pod } from "../../machinery/kinds/index.ts";
import type { CSINode, Listers } from "../framework/listers.ts";
import { NO_ANSWER, type Plugin, refusal } from "../framework/plugin.ts";
import { claimNameOf } from "../framework/pod-info.ts";
import { failed, SKIP, type Status, unresolvable, unschedulable } from "../framework/status.ts";
import { classOfClaim, notFound, ownershipFlaw } from "./claims.ts";
import { csiVolumeOf, csiVolumeOfInline, driverOfProvisioner, isInlineMigratable } from "./csi-migration.ts";

const TOO_MANY = unschedulable("node(s) exceed max volume count");

/** The driver of each volume, by a name of the volume that is unique. */
type Volumes = ReadonlyMap<string, string>;

/** plugins/nodevolumelimits/csi.go: each driver can attach so many volumes to a node. */
export const nodeVolumeLimits: Plugin<never> = {
  name: "NodeVolumeLimits",
  preFilter: ({ pod }) => (usesVolumes(pod.pod, pod.claims) ? NO_ANSWER : refusal(SKIP)),
  filter: (_, { pod, listers }, { name, pods }) => {
    if (!usesVolumes(pod.pod, pod.claims)) return null;
    const csiNode = listers.csiNodes.get("", name);
    const wanted = attachable(pod.pod, csiNode, listers, true);
    if ("code" in wanted) return wanted;
    const limits = csiNode === null ? new Map<string, number>() : limitsOf(csiNode);
    if (wanted.size === 0 || limits.size === 0) return null;
    const attached = new Map<string, string>();
    for (const one of pods) {
      const volumes = attachable(one.pod, csiNode, listers, false);
      if ("code" in volumes) return volumes;
      for (const [volume, driver] of volumes) attached.set(volume, driver);
    }
    const added = countsOf([...wanted].filter(([volume]) => !attached.has(volume)));
    for (const [volume, driver] of attachments(name, listers)) attached.set(volume, driver);
    const present = countsOf([...attached]);
    for (const [driver, count] of added) {
      const limit = limits.get(driver);
      if (limit !== undefined && (present.get(driver) ?? 0) + count > limit) return TOO_MANY;
    }
    return null;
  },
};

/** csi.go, PreFilter: claims, ephemeral volumes, and others that a driver may serve. */
function usesVolumes({ spec }: Pod, claims: readonly string[]): boolean {
  return claims.length > 0 || (spec.volumes ?? []).some(isInlineMigratable);
}

function countsOf(volumes: readonly (readonly [volume: string, driver: string])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [, driver] of volumes) counts.set(driver, (counts.get(driver) ?? 0) + 1);
  return counts;
}

/** csi.go, getVolumeLimits. */
function limitsOf({ spec }: CSINode): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const { name, allocatable } of spec?.drivers ?? [])
    if (allocatable?.count !== undefined) limits.set(name, allocatable.count);
  return limits;
}

/** csi.go, filterAttachableVolumes. */
function attachable(pod: Pod, csiNode: CSINode | null, listers: Listers, isNew: boolean): Volumes | Status {
  const volumes = new Map<string, string>();
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimNameOf(pod.metadata.name, volume);
    if (name === null) {
      const inline = csiVolumeOfInline(volume, csiNode);
      if (inline !== null) volumes.set(`${inline.driver}/${inline.handle}`, inline.driver);
      continue;
    }
    const { namespace = "" } = pod.metadata;
    const claim = listers.claims.get(namespace, name);
    if (claim === null) {
      if (isNew)
        return unresolvable(`looking up PVC ${namespace}/${name}: ${notFound("persistentvolumeclaims", name)}`);
      continue;
    }
    if (volume.persistentVolumeClaim === undefined) {
      const flaw = ownershipFlaw(pod, claim);
      if (flaw !== null) return failed(flaw);
    }
    const found = volumeOfClaim(claim, csiNode, listers);
    if (found !== null) volumes.set(found.volume, found.driver);
  }
  return volumes;
}

/** csi.go, getCSIDriverInfo. One that is not bound yet, or whose volume is gone, counts as what its class would provision. */
function volumeOfClaim(claim: PersistentVolumeClaim, csiNode: CSINode | null, { volumes, classes }: Listers) {
  const { volumeName = "" } = claim.spec;
  const bound = volumeName === "" ? null : volumes.get("", volumeName);
  if (bound === null) {
    const driver = driverOfProvisioner(classes.get("", classOfClaim(claim))?.provisioner ?? "", csiNode);
    const volume = `${driver}/unbound-${claim.metadata.namespace ?? ""}/${claim.metadata.name}`;
    return driver === "" ? null : { driver, volume };
  }
  const csi = csiVolumeOf(bound, csiNode);
  return csi === null || csi.driver === "" || csi.handle === ""
    ? null
    : { driver: csi.driver, volume: `${csi.driver}/${csi.handle}` };
}

/** csi.go, getNodeVolumeAttachmentInfo: also of volumes whose pods are not there yet, or no longer. */
function attachments(node: string, { attachments: all, volumes }: Listers): Volumes {
  const attached = new Map<string, string>();
  for (const { spec } of all.list()) {
    const volumeName = spec?.source?.persistentVolumeName;
    if (spec?.nodeName !== node || volumeName === undefined || spec.attacher === undefined) continue;
    const csi = volumes.get("", volumeName)?.spec.csi as { readonly volumeHandle?: string } | undefined;
    if (csi !== undefined) attached.set(`${spec.attacher}/${csi.volumeHandle ?? ""}`, spec.attacher);
  }
  return attached;
}
