import { apiServerConfig } from "../../../models/apiserver/index.ts";
import type { ApiServerConfig } from "../../../models/apiserver/types.ts";
import type { ControllerManagerConfig, ControllerSettings } from "../../../models/controllers/types.ts";
import type { ProcessId } from "../../../models/kernel/index.ts";
import type { KubectlConfig } from "../../../models/kubectl/index.ts";
import { kubeletInformers } from "../../../models/kubelet/index.ts";
import type { KubeletConfig } from "../../../models/kubelet/types.ts";
import type { ElectionConfig } from "../../../models/machinery/client/election.ts";
import type { ApiConfig } from "../../../models/machinery/client/types.ts";
import type { ResourceList } from "../../../models/machinery/kinds/index.ts";
import type { Configuration } from "../../../models/raft/index.ts";
import { type Behaviour, RUNTIME_DEFAULTS, type RuntimeConfig } from "../../../models/runtime/index.ts";
import { SCHEDULER_DEFAULTS, type SchedulerConfig } from "../../../models/scheduler/index.ts";
import type { MemberConfig } from "../../../models/store/types.ts";
import { raftConfigOf, us } from "../shared/raft-config.ts";
import { inMicros } from "./config.ts";
import { asObject } from "./requests.ts";
import type { Cast, ControlPlaneSystem, ImageSpec } from "./scenario.ts";

const MI = 1024 * 1024;

/** How each process of a cluster is started. */
export class Configs {
  readonly #system: ControlPlaneSystem;
  readonly #cast: Cast;

  constructor(system: ControlPlaneSystem, cast: Cast) {
    this.#system = system;
    this.#cast = cast;
  }

  /** etcd's own settings, but for those of Raft. */
  member(id: ProcessId): MemberConfig {
    const { members } = this.#cast;
    const initial: Configuration = { voters: members, votersOutgoing: [], learners: [], learnersNext: [] };
    const { store } = this.#system.config;
    return {
      kind: "member",
      raft: raftConfigOf(store, id, initial),
      forwardProposals: true,
      requestTimeoutUs: us(5000 + 2 * store.electionTimeoutMs),
      readRetryIntervalUs: us(500),
      backendBatchIntervalUs: us(100),
      backendBatchLimit: 10_000,
      scrubDelayUs: us(50),
      leaseCheckIntervalUs: us(500),
      leaseCheckpointIntervalUs: us(300_000),
      leaseTtlMinUs: us(store.electionTimeoutMs * 1.5),
      watchSyncIntervalUs: us(100),
      watchProgressIntervalUs: us(600_000),
      watchWindow: 1024,
      watchBatchRevisionsMax: 1000,
      watchFragmentEvents: 1000,
      watchStreamTimeoutUs: us(30_000),
      txnOpsMax: 128,
    };
  }

  apiServer(id: ProcessId, index: number): ApiServerConfig {
    return apiServerConfig(id, rotated(this.#cast.members, index), inMicros(this.#system.config.apiServer));
  }

  controllerManager(id: ProcessId, index: number): ControllerManagerConfig {
    const { config } = this.#system;
    const { informers: _, ...api } = this.#api(id, "system:kube-controller-manager", index);
    return {
      kind: "controllerManager",
      id,
      api,
      election: this.#election("kube-controller-manager"),
      // The settings of one that is disabled by default turn it on.
      controllers: ["*", ...Object.keys(config.controllers)],
      settings: config.controllers as ControllerSettings,
      restartUs: us(config.kubelet.backoffMs),
    };
  }

  scheduler(id: ProcessId, index: number): SchedulerConfig {
    const { informers: _, ...api } = this.#api(id, "system:kube-scheduler", index);
    const { config } = this.#system;
    return {
      ...SCHEDULER_DEFAULTS,
      ...inMicros(config.scheduler),
      id,
      api,
      election: this.#election("kube-scheduler"),
      csi: false,
      emitsEvents: false,
      restartUs: us(config.kubelet.backoffMs),
    };
  }

  kubelet(id: ProcessId, index: number): KubeletConfig {
    const { config, node, nodeOverrides } = this.#system;
    const { evictionMemoryMi, systemMemoryMi, ...durations } = config.kubelet;
    const name = this.#cast.nodes[index]!;
    const own = nodeOverrides.find((one) => one.name === name);
    const { cpu, memory, pods } = { ...node, ...own };
    const capacity: ResourceList = { cpu, memory, pods, ...own?.resources };
    return {
      kind: "kubelet",
      id,
      node: name,
      api: { ...this.#api(id, `system:node:${name}`, index), informers: kubeletInformers(name) },
      runtime: this.#cast.runtimes[index]!,
      capacity,
      allocatable: capacity,
      labels: this.#labels(name, index, own?.labels ?? {}, own?.zone),
      registerWithTaints: own?.taints ?? [],
      address: `192.168.${Math.floor(index / 250)}.${(index % 250) + 1}`,
      podCIDR: this.#podCIDR(index),
      ...inMicros(durations),
      evictionMemoryBytes: evictionMemoryMi * MI,
      systemMemoryBytes: systemMemoryMi * MI,
    };
  }

  runtime(id: ProcessId, index: number): RuntimeConfig {
    const { config, runtime, liveRestore, images, nodeOverrides } = this.#system;
    const node = this.#cast.nodes[index]!;
    return {
      ...RUNTIME_DEFAULTS,
      ...inMicros(config.runtime),
      id,
      node,
      kubelet: this.#cast.kubelets[index]!,
      runtime: nodeOverrides.find(({ name }) => name === node)?.runtime ?? runtime,
      liveRestore,
      podCIDR: this.#podCIDR(index),
      behaviours: images.map(behaviourOf),
    };
  }

  kubectl(id: ProcessId): KubectlConfig {
    const { config, objects } = this.#system;
    return {
      kind: "kubectl",
      api: this.#api(id, "admin", 0),
      ...inMicros(config.kubectl),
      objects: objects.map(asObject),
    };
  }

  /** Who is on a master goes to the API server there first; nodes are spread over all. */
  #api(id: ProcessId, user: string, index: number): ApiConfig {
    const servers = rotated(this.#cast.apiServers, index);
    return { id, user, servers, ...inMicros(this.#system.config.client), informers: [] };
  }

  /** A node brings its block along, unless there is a controller that gives it one. */
  #podCIDR(index: number): string {
    return "node-ipam" in this.#system.config.controllers ? "" : podCIDR(index);
  }

  #election(name: string): ElectionConfig {
    return { namespace: "kube-system", name, ...inMicros(this.#system.config.election) };
  }

  #labels(name: string, index: number, own: Readonly<Record<string, string>>, zone?: string) {
    return {
      "kubernetes.io/hostname": name,
      "kubernetes.io/os": "linux",
      "kubernetes.io/arch": "amd64",
      "topology.kubernetes.io/region": "region-1",
      "topology.kubernetes.io/zone": zone ?? `zone-${(index % this.#system.zones) + 1}`,
      ...own,
    };
  }
}

/** A /24 for each node, out of 10.244.0.0/14. */
function podCIDR(index: number): string {
  return `10.${244 + Math.floor(index / 256)}.${index % 256}.0/24`;
}

function behaviourOf({ memoryMi, ...image }: ImageSpec): Behaviour {
  return { ...inMicros(image), memoryBytes: memoryMi * MI };
}

function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}
