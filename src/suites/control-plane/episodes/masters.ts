import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import type { Fault } from "../../../simulator/faults.ts";
import { IMAGES, manifestsOf, namespaceManifest } from "../manifests.ts";
import type { ControlPlaneOperation } from "../scenario.ts";
import { apiOf, beginning, type ClusterEpisode, type ClusterSetting, NOTHING, naming, workloadOf } from "./setting.ts";

/** Requests of controllers between which a crash leaves something half done. */
const MANAGER_CALLS = [
  "apiCall create pods",
  "apiCall create pods",
  "apiCall delete pods",
  "apiCall create replicasets",
  "apiCall update replicasets",
  "apiCall update deployments/status",
  "apiCall update replicasets/status",
  "apiCall create controllerrevisions",
  "apiCall patch pods",
  "apiCall create jobs",
  "apiCall update jobs/status",
  "apiCall update nodes",
  "apiCall patch nodes",
  "apiCall update poddisruptionbudgets/status",
  "apiCall update endpointslices",
  "apiCall update namespaces/finalize",
] as const;

/** Who acts dies between two of its requests, and another takes over, or it comes back itself. */
export function managerDies(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet");
  return fc
    .record({
      atMs: beginning(setting),
      detail: fc.constantFrom(...MANAGER_CALLS),
      nth: fc.integer({ min: 1, max: 5 }),
      edge: fc.constantFrom("before" as const, "after" as const),
      how: fc.constantFrom("kill" as const, "kill" as const, "pause" as const, "cut" as const),
      downMs: fc.constantFrom(200, setting.leaseMs, setting.leaseMs * 3),
      plan: workload ?? fc.constant(null),
      image: fc.constantFrom(IMAGES.v2, IMAGES.slow),
    })
    .map(({ atMs, detail, nth, edge, how, downMs, plan, image }) => {
      const on = { effect: "send", detail, nth, edge } as const;
      const workload: ControlPlaneOperation[] = [];
      if (plan !== null && plan.kind !== "ReplicaSet")
        workload.push({ kind: "setImage", atMs: atMs + 10, session: 0, ...naming(plan), container: "*", image });
      if (plan !== null && plan.kind === "ReplicaSet")
        workload.push({ kind: "scale", atMs: atMs + 10, session: 0, ...naming(plan), replicas: plan.replicas + 2 });
      return { faults: [dies(how, atMs, on, downMs)], workload };
    });
}

function dies(how: "kill" | "pause" | "cut", atMs: number, on: NonNullable<Fault["on"]>, lastsMs: number): Fault {
  switch (how) {
    case "kill":
      return { kind: "kill", atMs, on, target: "self", downMs: lastsMs };
    case "pause":
      return { kind: "pause", atMs, on, target: "self", durationMs: lastsMs };
    case "cut":
      return { kind: "partition", atMs, on, side: ["self"], direction: "both", durationMs: lastsMs };
  }
}

/** A whole master goes, or its member of the store alone, while workloads change. */
export function masterGoes(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const { cast } = setting;
  const workload = workloadOf(setting, "Deployment", "StatefulSet");
  return fc
    .record({
      atMs: beginning(setting),
      target: fc.constantFrom(...cast.masters, ...cast.members, "leader", "managerLeader", "schedulerLeader", "api"),
      how: fc.constantFrom("crash" as const, "partition" as const, "kill" as const),
      lastsMs: fc.integer({ min: 500, max: setting.leaseMs * 3 }),
      plan: workload ?? fc.constant(null),
      replicas: fc.integer({ min: 0, max: 5 }),
      afterMs: fc.integer({ min: -1000, max: 2000 }),
    })
    .map(({ atMs, target, how, lastsMs, plan, replicas, afterMs }) => {
      const fault: Fault =
        how === "partition"
          ? { kind: how, atMs, side: [target], direction: "both", durationMs: lastsMs }
          : how === "crash"
            ? { kind: how, atMs, target, downMs: lastsMs, torn: false }
            : { kind: how, atMs, target, downMs: lastsMs };
      const workload: ControlPlaneOperation[] =
        plan === null
          ? []
          : [{ kind: "scale", atMs: Math.max(0, atMs + afterMs), session: 1, ...naming(plan), replicas }];
      return { faults: [fault], workload };
    });
}

/**
 * An API server is behind: what the store tells it is held up. Meanwhile something is made or deleted, and somebody who
 * comes to that server anew sees it as it was.
 */
export function staleServer(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const { cast } = setting;
  const workload = workloadOf(setting, "Deployment", "ReplicaSet", "StatefulSet", "Job");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting),
      server: fc.integer({ min: 0, max: cast.apiServers.length - 1 }),
      lastsMs: fc.integer({ min: 1000, max: 12_000 }),
      plan: workload,
      what: fc.constantFrom("scale" as const, "delete" as const, "recreate" as const, "setImage" as const),
      afterMs: fc.integer({ min: 50, max: 2000 }),
      newcomer: fc.constantFrom("managerLeader", "schedulerLeader", "busyKubelet", ...cast.kubelets),
      cut: fc.boolean(),
    })
    .map(({ atMs, server, lastsMs, plan, what, afterMs, newcomer, cut }) => {
      const api = cast.apiServers[server]!;
      const local = cast.members[server];
      const isStacked = cast.memberHosts[server] === cast.masters[server];
      const behind: Fault[] =
        isStacked && local !== undefined
          ? [{ kind: "partition", atMs, durationMs: lastsMs, side: [local], direction: "in" }]
          : cast.members.map((from): Fault => ({ kind: "clog", atMs, durationMs: lastsMs, from, to: api }));
      const away: Fault = { kind: "kill", atMs: atMs + afterMs + 1000, target: newcomer, downMs: 50 };
      const others = cast.apiServers.filter((other) => other !== api);
      const closed: Fault[] = cut
        ? others.map((to): Fault => ({ kind: "link", atMs, durationMs: lastsMs, from: newcomer, to, loss: 1 }))
        : [];
      return { faults: [...behind, away, ...closed], workload: changed(what, plan, atMs + afterMs) };
    });
}

type Change = "scale" | "delete" | "recreate" | "setImage";

function changed(what: Change, plan: Parameters<typeof naming>[0], atMs: number): ControlPlaneOperation[] {
  const named = naming(plan);
  const isJob = plan.kind === "Job";
  switch (what) {
    case "scale":
      if (isJob) return [];
      return [
        { kind: "scale", atMs, session: 2, ...named, replicas: 0 },
        { kind: "scale", atMs: atMs + 1500, session: 2, ...named, replicas: plan.replicas },
      ];
    case "setImage":
      return isJob || plan.kind === "ReplicaSet"
        ? []
        : [{ kind: "setImage", atMs, session: 2, ...named, container: "*", image: IMAGES.v2 }];
    case "delete":
      return [{ kind: "delete", atMs, session: 2, ...named, wait: true }];
    case "recreate":
      return [
        { kind: "delete", atMs, session: 2, ...named, wait: true },
        { kind: "apply", atMs: atMs + 1, session: 2, objects: manifestsOf(plan), manifests: [] },
      ];
  }
}

/** What an API server tells somebody is held up or lost: a watch that lags, or breaks without a word. */
export function cutWatch(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const { cast } = setting;
  const workload = workloadOf(setting, "Deployment", "ReplicaSet", "StatefulSet", "Job", "DaemonSet");
  return fc
    .record({
      atMs: beginning(setting),
      from: apiOf(setting),
      to: fc.constantFrom("managerLeader", "managerLeader", "schedulerLeader", "busyKubelet", ...cast.kubelets),
      how: fc.constantFrom("clog" as const, "link" as const),
      lastsMs: fc.integer({ min: 500, max: 10_000 }),
      plan: workload ?? fc.constant(null),
      what: fc.constantFrom("scale" as const, "delete" as const, "recreate" as const, "setImage" as const),
      afterMs: fc.integer({ min: 0, max: 1000 }),
    })
    .map(({ atMs, from, to, how, lastsMs, plan, what, afterMs }) => ({
      faults: [
        how === "clog"
          ? { kind: how, atMs, durationMs: lastsMs, from, to }
          : { kind: how, atMs, durationMs: lastsMs, from, to, loss: 1 },
      ],
      workload: plan === null ? [] : changed(plan.kind === "DaemonSet" ? "recreate" : what, plan, atMs + afterMs),
    }));
}

/** kubectl gets no answer to a request of its own, which may have happened. */
export function lostAnswer(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "Deployment", "StatefulSet", "ReplicaSet", "DaemonSet");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting),
      plan: workload,
      replicas: fc.integer({ min: 1, max: 5 }),
      nth: fc.integer({ min: 1, max: 4 }),
      lastsMs: fc.integer({ min: 100, max: 6000 }),
      again: fc.boolean(),
    })
    .map(({ atMs, plan, replicas, nth, lastsMs, again }) => {
      const on = { process: "kubectl", effect: "send", detail: "apiCall", nth, edge: "after" } as const;
      const workload: ControlPlaneOperation[] = [
        { kind: "apply", atMs: atMs + 10, session: 0, objects: manifestsOf({ ...plan, replicas }), manifests: [] },
      ];
      if (again)
        workload.push({ kind: "apply", atMs: atMs + 500, session: 1, objects: manifestsOf(plan), manifests: [] });
      return {
        faults: [{ kind: "partition", atMs, on, side: ["kubectl"], direction: "in", durationMs: lastsMs }],
        workload,
      };
    });
}

/** Somebody else writes the same object again and again, while its controller has something to write as well. */
export function rivals(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "Deployment", "StatefulSet", "ReplicaSet", "DaemonSet", "Job");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting),
      plan: workload,
      count: fc.integer({ min: 5, max: 60 }),
      everyMs: fc.constantFrom(10, 20, 50),
      replicas: fc.integer({ min: 1, max: 6 }),
      afterMs: fc.integer({ min: 0, max: 300 }),
    })
    .map(({ atMs, plan, count, everyMs, replicas, afterMs }) => {
      const named = naming(plan);
      const workload: ControlPlaneOperation[] = [{ kind: "rewrite", atMs, session: 0, ...named, count, everyMs }];
      const scales = plan.kind !== "DaemonSet" && plan.kind !== "Job";
      if (scales) workload.push({ kind: "scale", atMs: atMs + afterMs, session: 1, ...named, replicas });
      return { faults: [], workload };
    });
}

/** An image that never gets ready, or is not there, is rolled out; then it is undone, or mended. */
export function badRollout(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "Deployment", "StatefulSet", "DaemonSet");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting, 10_000),
      plan: workload,
      image: fc.constantFrom(IMAGES.broken, IMAGES.missing),
      lastsMs: fc.integer({ min: 300, max: 8000 }),
      undo: fc.boolean(),
      paused: fc.boolean(),
    })
    .map(({ atMs, plan, image, lastsMs, undo, paused }) => {
      const named = naming(plan);
      const at = { session: 1, ...named };
      const workload: ControlPlaneOperation[] = [
        { kind: "setImage", atMs, ...at, container: "*", image },
        undo && !paused
          ? { kind: "rolloutUndo", atMs: atMs + lastsMs, ...at, toRevision: 0 }
          : { kind: "setImage", atMs: atMs + lastsMs, ...at, container: "*", image: IMAGES.v1 },
      ];
      if (paused && plan.kind === "Deployment")
        workload.push(
          { kind: "rolloutPause", atMs: atMs + Math.floor(lastsMs / 2), ...at, paused: true },
          { kind: "rolloutPause", atMs: atMs + lastsMs + 1000, ...at, paused: false },
        );
      return { faults: [], workload };
    });
}

/** A namespace with something in it is made and deleted, and perhaps made again. */
export function namespaceGoes(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "Deployment", "StatefulSet", "Job", "ReplicaSet");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting, 10_000),
      plan: workload,
      lastsMs: fc.integer({ min: 500, max: 6000 }),
      again: fc.boolean(),
      trouble: fc.constantFrom("none" as const, "manager" as const, "watch" as const),
    })
    .map(({ atMs, plan, lastsMs, again, trouble }) => {
      const objects = [namespaceManifest("extra"), ...manifestsOf({ ...plan, namespace: "extra", claims: "none" })];
      const make = { kind: "apply", session: 2, objects, manifests: [] } as const;
      const gone = { kind: "delete", session: 2, resource: "namespaces", namespace: "", name: "extra" } as const;
      const deletedAt = atMs + lastsMs;
      const workload: ControlPlaneOperation[] = [
        { ...make, atMs },
        { ...gone, atMs: deletedAt, wait: true },
      ];
      if (again) workload.push({ ...make, atMs: deletedAt + 1 });
      const faults: Fault[] =
        trouble === "none"
          ? []
          : trouble === "manager"
            ? [{ kind: "kill", atMs: deletedAt + 200, target: "managerLeader", downMs: 1000 }]
            : [{ kind: "clog", atMs: deletedAt - 100, from: "api", to: "managerLeader", durationMs: 3000 }];
      return { workload, faults };
    });
}

/** The clock of a master jumps or runs off while it leads, or would. */
export function clocksOff(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const { cast } = setting;
  return fc
    .record({
      atMs: beginning(setting),
      target: fc.constantFrom(...cast.masters, "managerLeader"),
      byMs: fc.constantFrom(-3_600_000, -5000, 5000, 3_600_000),
      kill: fc.boolean(),
    })
    .map(({ atMs, target, byMs, kill }) => ({
      workload: [],
      faults: [
        { kind: "clockJump", atMs, target, byMs },
        ...(kill ? [{ kind: "kill", atMs: atMs + 500, target: "managerLeader", downMs: 2000 } as const] : []),
      ],
    }));
}
