import { API_RULES, apiServerOf } from "../../../models/apiserver/index.ts";
import type { ClusterTypes } from "../../../models/cluster/types.ts";
import { controllerManager } from "../../../models/controllers/index.ts";
import { type Machine, unreachable } from "../../../models/kernel/index.ts";
import { kubectl } from "../../../models/kubectl/index.ts";
import { kubelet } from "../../../models/kubelet/index.ts";
import { dnsServer, trafficClient } from "../../../models/network/index.ts";
import { proxy } from "../../../models/proxy/index.ts";
import { raftRules } from "../../../models/raft/index.ts";
import { runtime } from "../../../models/runtime/index.ts";
import { scheduler } from "../../../models/scheduler/index.ts";
import { storeMember } from "../../../models/store/index.ts";
import { STORED_OBJECTS } from "../../../properties/cluster/stored-objects.ts";
import type { ProcessSpec, ProcessView, System } from "../../simulator/system.ts";
import { COMMANDS } from "../shared/commands.ts";
import { quorumLost } from "../shared/raft-members.ts";
import { Configs } from "./configs.ts";
import { digestMessage, digestState, messageDetail } from "./digest.ts";
import { membersOf, resolveClusterRole } from "./roles.ts";
import { ADMIN, type ControlPlaneScenario, castOf, KUBECTL } from "./scenario.ts";
import { concealed } from "./secrets.ts";

// A process is only ever given what is its own: its messages, records and configuration. The types of the world are the
// unions over all kinds of process, and cannot say so.
const MACHINES = {
  member: storeMember(raftRules, COMMANDS) as unknown as Machine<ClusterTypes>,
  apiServer: apiServerOf({ ...API_RULES, ...STORED_OBJECTS }) as unknown as Machine<ClusterTypes>,
  controllerManager: controllerManager as unknown as Machine<ClusterTypes>,
  scheduler: scheduler as unknown as Machine<ClusterTypes>,
  kubelet: kubelet as unknown as Machine<ClusterTypes>,
  runtime: runtime as unknown as Machine<ClusterTypes>,
  kubectl: kubectl as unknown as Machine<ClusterTypes>,
  proxy: proxy as unknown as Machine<ClusterTypes>,
  dns: dnsServer as unknown as Machine<ClusterTypes>,
  trafficClient: trafficClient as unknown as Machine<ClusterTypes>,
} as const satisfies Record<ClusterTypes["config"]["kind"], Machine<ClusterTypes>>;

/** The cluster of a scenario. */
export function controlPlaneSystem({ system }: ControlPlaneScenario): System<ClusterTypes> {
  const cast = castOf(system);
  const configs = new Configs(system, cast);
  const processes: ProcessSpec<ClusterTypes>[] = [];
  const add = (host: string, id: string, config: ClusterTypes["config"]) =>
    processes.push({ id, host, machine: MACHINES[config.kind], config });
  for (const [i, id] of cast.members.entries()) add(cast.memberHosts[i]!, id, configs.member(id));
  for (const [i, id] of cast.apiServers.entries()) add(cast.masters[i]!, id, configs.apiServer(id, i));
  for (const [i, id] of cast.managers.entries()) add(cast.masters[i]!, id, configs.controllerManager(id, i));
  for (const [i, id] of cast.schedulers.entries()) add(cast.masters[i]!, id, configs.scheduler(id, i));
  for (const [i, node] of cast.nodes.entries()) {
    add(node, cast.kubelets[i]!, configs.kubelet(cast.kubelets[i]!, i));
    add(node, cast.runtimes[i]!, configs.runtime(cast.runtimes[i]!, i));
  }
  add(ADMIN, KUBECTL, configs.kubectl(KUBECTL));
  const members = new Set(cast.members);
  return {
    processes,
    // Members find a new connection to one another by themselves.
    connected: (from, to) => !(members.has(from) && members.has(to)),
    messageKind: (message) => message.kind,
    messageDetail,
    concealed,
    digestMessage,
    digestState,
    fields: FIELDS,
    changed,
    resolve: resolveClusterRole,
    survives,
  };
}

/**
 * What a cluster must survive the loss of: a minority of the store, all but one of each kind of process on the masters, all
 * but one of the nodes, each as a whole.
 */
function survives(lost: ReadonlySet<string>, processes: readonly ProcessView<ClusterTypes>[]): boolean {
  if (quorumLost(lost, membersOf(processes)) !== null) return false;
  const left = new Set<string>();
  for (const { id, host, config } of processes) {
    if (!lost.has(id)) left.add(config.kind);
    else if (config.kind === "kubectl") return false;
    else if (config.kind === "runtime" && !kubeletLost(host, lost, processes)) return false;
  }
  // A client of services goes with its host: nobody is worse off.
  return processes.every(({ config }) => left.has(config.kind) || config.kind === "trafficClient");
}

function kubeletLost(host: string, lost: ReadonlySet<string>, processes: readonly ProcessView<ClusterTypes>[]) {
  return processes.some(({ id, host: other, config }) => other === host && config.kind === "kubelet" && lost.has(id));
}

/** What observers may name in their concerns. */
const FIELDS = [
  /** Of a member: the state of its store. */
  "application",
  /** Of an API server. */
  "caches",
  /** Of whoever has some. */
  "informers",
  /** Of a controller manager. */
  "slots",
  /** Of a kubelet. */
  "workers",
  /** Of a runtime. */
  "containers",
  /** Of a controller manager and a scheduler. */
  "election",
  /** Of kubectl. */
  "sessions",
  /** Of a kubelet: what it tells of its pods. */
  "reports",
  /** Of a proxy: what is in its node's kernel. */
  "kernel",
  /** Of a client of services: what became of its requests. */
  "results",
  /** Of a scheduler: what was decided last. */
  "decision",
  /** Of a scheduler: what it takes to be where, who waits, and what it is at. */
  "scheduling",
] as const;

type State = ClusterTypes["state"];
type Of<K extends State["kind"]> = Extract<State, { readonly kind: K }>;

/** Which of {@link FIELDS} differ, a bit each: 1 for the first. */
export function changed(before: State, after: State): number {
  if (before === after) return 0;
  switch (after.kind) {
    case "member":
      return (before as Of<"member">).raft.application === after.raft.application ? 0 : 1;
    case "apiServer":
      return (before as Of<"apiServer">).caches === after.caches ? 0 : 2;
    case "controllerManager": {
      const old = before as Of<"controllerManager">;
      return (
        informersChanged(old, after) | (old.slots === after.slots ? 0 : 8) | (old.election === after.election ? 0 : 64)
      );
    }
    case "scheduler": {
      const old = before as Of<"scheduler">;
      return (
        informersChanged(old, after) |
        (old.election === after.election ? 0 : 64) |
        (isSameDecision(old, after) ? 0 : 2048) |
        (isSameScheduling(old, after) ? 0 : 4096)
      );
    }
    case "kubelet": {
      const old = before as Of<"kubelet">;
      return (
        informersChanged(old, after) |
        (old.workers === after.workers ? 0 : 16) |
        (old.reports === after.reports ? 0 : 256)
      );
    }
    case "runtime":
      return (before as Of<"runtime">).containers === after.containers ? 0 : 32;
    case "kubectl":
      return (before as Of<"kubectl">).sessions === after.sessions ? 0 : 128;
    case "proxy": {
      const old = before as Of<"proxy">;
      const isSame = old.kernel === after.kernel && old.syncs === after.syncs;
      return informersChanged(old, after) | (isSame ? 0 : 512);
    }
    case "dns":
      return informersChanged(before as Of<"dns">, after);
    case "trafficClient":
      return (before as Of<"trafficClient">).results === after.results ? 0 : 1024;
    default:
      return unreachable(after);
  }
}

/** What of a scheduler is looked at. */
interface Scheduling {
  readonly lastDecision?: unknown;
  readonly cache: unknown;
  readonly queue: unknown;
  readonly attempt?: unknown;
  readonly bindings: unknown;
  readonly waiting: unknown;
}

function isSameDecision(before: Scheduling, after: Scheduling): boolean {
  return before.lastDecision === after.lastDecision;
}

function isSameScheduling(before: Scheduling, after: Scheduling): boolean {
  return (
    before.cache === after.cache &&
    before.queue === after.queue &&
    before.attempt === after.attempt &&
    before.bindings === after.bindings &&
    before.waiting === after.waiting
  );
}

interface Client {
  readonly api: { readonly informers: unknown };
}

function informersChanged(before: Client, after: Client): number {
  return before.api.informers === after.api.informers ? 0 : 4;
}
