import type { Pod } from "../../machinery/kinds/index.ts";
import type { CSINode, Listers } from "../framework/listers.ts";
import { NO_ANSWER, type Plugin, refusal } from "../framework/plugin.ts";
import { claimNameOf } from "../framework/pod-info.ts";
import { SKIP, type Status, unresolvable, unschedulable } from "../framework/status.ts";
import { classOfClaim, notFound } from "./claims.ts";

const TOO_MANY = unschedulable("node(s) exceed max volume count");

/** plugins/nodevolumelimits/csi.go: each driver can attach so many volumes to a node. */
export const nodeVolumeLimits: Plugin<never> = {
  name: "NodeVolumeLimits",
  preFilter: ({ pod }) => (pod.claims.length === 0 ? refusal(SKIP) : NO_ANSWER),
  filter: (_, { pod, listers }, { name, pods }) => {
    if (pod.claims.length === 0) return null;
    const csiNode = listers.csiNodes.get("", name);
    const limits = csiNode === null ? new Map<string, number>() : limitsOf(csiNode);
    const wanted = attachable(pod.pod, listers, true);
    if ("code" in wanted) return wanted;
    if (wanted.size === 0 || limits.size === 0) return null;
    const attached = attachedTo(
      name,
      pods.map((one) => one.pod),
      listers,
    );
    const added = new Map<string, number>();
    for (const [volume, driver] of wanted) if (!attached.has(volume)) added.set(driver, (added.get(driver) ?? 0) + 1);
    const present = new Map<string, number>();
    for (const driver of attached.values()) present.set(driver, (present.get(driver) ?? 0) + 1);
    for (const [driver, count] of added) {
      const limit = limits.get(driver);
      if (limit !== undefined && (present.get(driver) ?? 0) + count > limit) return TOO_MANY;
    }
    return null;
  },
};

/** csi.go, getNodeVolumeLimits. */
function limitsOf({ spec }: CSINode): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const { name, allocatable } of spec?.drivers ?? [])
    if (allocatable?.count !== undefined) limits.set(name, allocatable.count);
  return limits;
}

/** csi.go, filterAttachableVolumes: the driver of each volume of a pod, by a name of the volume that is unique. */
function attachable(pod: Pod, listers: Listers, isNew: boolean): ReadonlyMap<string, string> | Status {
  const volumes = new Map<string, string>();
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimNameOf(pod.metadata.name, volume);
    if (name === null) continue;
    const claim = listers.claims.get(pod.metadata.namespace ?? "", name);
    if (claim === null) {
      if (isNew)
        return unresolvable(
          `looking up PVC ${pod.metadata.namespace}/${name}: ${notFound("persistentvolumeclaim", name)}`,
        );
      continue;
    }
    const { volumeName = "" } = claim.spec;
    const bound = volumeName === "" ? null : listers.volumes.get("", volumeName);
    if (bound === null) {
      // It is not bound yet, or its volume is gone: what its class would provision counts.
      const driver = listers.classes.get("", classOfClaim(claim))?.provisioner ?? "";
      if (driver !== "") volumes.set(`${driver}/unbound-${pod.metadata.namespace}/${name}`, driver);
      continue;
    }
    const csi = bound.spec.csi as { readonly driver?: string; readonly volumeHandle?: string } | undefined;
    if (csi?.driver !== undefined) volumes.set(`${csi.driver}/${csi.volumeHandle ?? ""}`, csi.driver);
  }
  return volumes;
}

/** The volumes of the node's pods, and those whose attachment is not of a pod that is there (csi.go, getNodeVolumeAttachmentInfo). */
function attachedTo(node: string, pods: readonly Pod[], listers: Listers): ReadonlyMap<string, string> {
  const attached = new Map<string, string>();
  for (const pod of pods) {
    const volumes = attachable(pod, listers, false);
    if (!("code" in volumes)) for (const [volume, driver] of volumes) attached.set(volume, driver);
  }
  for (const { spec } of listers.attachments.list()) {
    const volumeName = spec?.source?.persistentVolumeName;
    if (spec?.nodeName !== node || volumeName === undefined || spec.attacher === undefined) continue;
    const csi = listers.volumes.get("", volumeName)?.spec.csi as { readonly volumeHandle?: string } | undefined;
    if (csi !== undefined) attached.set(`${spec.attacher}/${csi.volumeHandle ?? ""}`, spec.attacher);
  }
  return attached;
}
