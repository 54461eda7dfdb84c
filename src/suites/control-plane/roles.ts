import type { ClusterTypes } from "../../../models/cluster/types.ts";
import { mapGet } from "../../../models/kernel/index.ts";
import type { Pod } from "../../../models/machinery/kinds/index.ts";
import type { MemberState } from "../../../models/store/types.ts";
import type { ProcessView } from "../../simulator/system.ts";
import { type RaftMember, ROLE_NAMES, resolveRole } from "../shared/raft-members.ts";

type View = ProcessView<ClusterTypes>;

/**
 * Who a scenario may name by what they are: of the store those of its suite; `api`, the first API server that is up;
 * `managerLeader` and `schedulerLeader`, who acts for all so far as it knows; `busyKubelet`, that with the most pods.
 * `kubeletOf/default/web-0` is that of the node where the pod is.
 */
export const CLUSTER_ROLES = [...ROLE_NAMES, "api", "managerLeader", "schedulerLeader", "busyKubelet"] as const;

const KUBELET_OF = "kubeletOf/";

/** Whether a name is that of the kubelet of some pod. */
export function isKubeletOf(name: string): boolean {
  return name.startsWith(KUBELET_OF);
}

/** The process that has a role now, or null. */
export function resolveClusterRole(role: string, processes: readonly View[]): string | null {
  switch (role) {
    case "api":
      return idOf(processes, ({ kind }) => kind === "apiServer");
    case "managerLeader":
      return idOf(processes, (state) => state.kind === "controllerManager" && state.election.leading);
    case "schedulerLeader":
      return idOf(processes, (state) => state.kind === "scheduler" && state.election.leading);
    case "busyKubelet":
      return busyKubelet(processes);
    default:
      if (isKubeletOf(role)) return kubeletOf(role.slice(KUBELET_OF.length), processes);
      return resolveRole(role, membersOf(processes));
  }
}

/** The members of the store, as Raft sees them. */
export function membersOf(processes: readonly View[]): RaftMember[] {
  return processes
    .filter(({ config }) => config.kind === "member")
    .map(({ id, status, state }) => ({ id, status, state: (state as MemberState | null)?.raft ?? null }));
}

function idOf(processes: readonly View[], has: (state: NonNullable<View["state"]>) => boolean): string | null {
  return processes.find(({ status, state }) => status === "up" && state !== null && has(state))?.id ?? null;
}

function busyKubelet(processes: readonly View[]): string | null {
  let found: string | null = null;
  let most = 0;
  for (const { id, status, state } of processes) {
    if (status !== "up" || state?.kind !== "kubelet" || state.workers.size <= most) continue;
    most = state.workers.size;
    found = id;
  }
  return found;
}

/** Where an API server that is up has seen the pod. */
function kubeletOf(key: string, processes: readonly View[]): string | null {
  for (const { status, state } of processes) {
    if (status !== "up" || state?.kind !== "apiServer") continue;
    const cache = state.caches.find(({ resource }) => resource === "pods");
    const pod = cache === undefined ? undefined : (mapGet(cache.objects, key) as Pod | undefined);
    const node = pod?.spec.nodeName;
    if (node !== undefined)
      return processes.find(({ config }) => config.kind === "kubelet" && config.node === node)?.id ?? null;
  }
  return null;
}
