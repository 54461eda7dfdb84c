import type { InformerSpec } from "../machinery/client/types.ts";
import type { KubeletConfig } from "./types.ts";

/** The kubelet's own defaults (pkg/kubelet/apis/config/v1beta1/defaults.go; pkg/kubelet/kubelet.go), and a node of ordinary size. */
export const KUBELET_DEFAULTS: Omit<KubeletConfig, "id" | "node" | "api" | "runtime" | "address" | "podCIDR"> =
  Object.freeze({
    kind: "kubelet" as const,
    capacity: { cpu: "4", memory: "8Gi", "ephemeral-storage": "100Gi", pods: "110" },
    // kubeadm reserves nothing; the hard eviction threshold of memory is left out.
    allocatable: { cpu: "4", memory: "8092Mi", "ephemeral-storage": "100Gi", pods: "110" },
    labels: {},
    registerWithTaints: [],
    leaseDurationSeconds: 40,
    leaseRenewUs: 10_000_000,
    nodeStatusUpdateUs: 10_000_000,
    nodeStatusReportUs: 300_000_000,
    housekeepingUs: 2_000_000,
    statusSyncUs: 10_000_000,
    relistUs: 300_000_000,
    runtimeRequestTimeoutUs: 120_000_000,
    runtimeDownUs: 30_000_000,
    backoffUs: 10_000_000,
    backoffMaxUs: 300_000_000,
    imageBackoffUs: 10_000_000,
    imageBackoffMaxUs: 300_000_000,
    syncBackoffUs: 10_000_000,
    evictionUs: 10_000_000,
    evictionMemoryBytes: 100 * 1024 * 1024,
    pressureTransitionUs: 300_000_000,
    systemMemoryBytes: 256 * 1024 * 1024,
  });

/**
 * What a kubelet watches: its pods, and its node. Its first list of pods is a quorum read: from an old cache it would
 * start pods again that are deleted, and may run elsewhere (kubernetes#59848).
 */
export function kubeletInformers(node: string): readonly InformerSpec[] {
  const spec = { labelSelector: "", indexes: [], resyncUs: 0 };
  return [
    { ...spec, resource: "pods", fieldSelector: `spec.nodeName=${node}`, firstList: "" },
    { ...spec, resource: "nodes", fieldSelector: `metadata.name=${node}` },
  ];
}
