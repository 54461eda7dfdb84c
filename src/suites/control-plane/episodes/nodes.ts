import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import type { Fault } from "../../../simulator/faults.ts";
import { IMAGES } from "../manifests.ts";
import type { ControlPlaneOperation } from "../scenario.ts";
import {
  beginning,
  type ClusterEpisode,
  type ClusterSetting,
  NOTHING,
  naming,
  nodeOf,
  session,
  workloadOf,
} from "./setting.ts";

/** A node goes while a rollout is under way: it loses its power, or is cut off, for longer than anybody waits, or not. */
export function nodeGoesDuringRollout(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "Deployment", "StatefulSet", "DaemonSet");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting, 10_000),
      plan: workload,
      node: nodeOf(setting),
      afterMs: fc.integer({ min: 0, max: 6000 }),
      how: fc.constantFrom("crash" as const, "partition" as const, "pause" as const),
      lastsMs: fc.oneof(
        fc.integer({ min: 500, max: 4000 }),
        fc.integer({ min: setting.graceMs, max: setting.graceMs * 4 }),
      ),
      image: fc.constantFrom(IMAGES.v2, IMAGES.slow),
    })
    .map(({ atMs, plan, node, afterMs, how, lastsMs, image }) => ({
      workload: [{ kind: "setImage", atMs, session: 0, ...naming(plan), container: "*", image }],
      faults: [gone(how, node, atMs + afterMs, lastsMs)],
    }));
}

function gone(how: "crash" | "partition" | "pause", host: string, atMs: number, lastsMs: number): Fault {
  switch (how) {
    case "crash":
      return { kind: "crash", atMs, target: host, downMs: lastsMs, torn: false };
    case "partition":
      return { kind: "partition", atMs, durationMs: lastsMs, side: [host], direction: "both" };
    case "pause":
      return { kind: "pause", atMs, durationMs: lastsMs, target: host };
  }
}

/**
 * The node of a StatefulSet's pod is cut off for so long that its pods are to be elsewhere; or only what the kubelet says is
 * not heard, or what is said to it.
 */
export function identityCutOff(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "StatefulSet");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting, setting.graceMs),
      plan: workload,
      ordinal: fc.integer({ min: 0, max: 2 }),
      lastsMs: fc.integer({ min: setting.graceMs, max: setting.graceMs * 5 }),
      direction: fc.constantFrom("both" as const, "both" as const, "in" as const, "out" as const),
      restart: fc.boolean(),
      deleted: fc.boolean(),
    })
    .map(({ atMs, plan: { name, namespace }, ordinal, lastsMs, direction, restart, deleted }) => {
      const pod = `${name}-${ordinal}`;
      const kubelet = `kubeletOf/${namespace}/${pod}`;
      const faults: Fault[] = [{ kind: "partition", atMs, durationMs: lastsMs, side: [kubelet], direction }];
      if (restart) faults.push({ kind: "kill", atMs: atMs + Math.floor(lastsMs / 2), target: kubelet, downMs: 100 });
      const workload: ControlPlaneOperation[] = deleted
        ? [{ kind: "delete", atMs: atMs + 500, session: 3, resource: "pods", namespace, name: pod, wait: false }]
        : [];
      return { faults, workload };
    });
}

/** A node is drained and comes back, while something else goes wrong. */
export function drained(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  return fc
    .record({
      atMs: beginning(setting, 10_000),
      node: nodeOf(setting),
      other: nodeOf(setting),
      lastsMs: fc.integer({ min: 1000, max: 15_000 }),
      trouble: fc.constantFrom("none" as const, "crash" as const, "manager" as const, "api" as const, "two" as const),
      troubleMs: fc.integer({ min: 0, max: 5000 }),
      session,
    })
    .map(({ atMs, node, other, lastsMs, trouble, troubleMs, session }) => {
      const drain = { kind: "drain", session, gracePeriodSeconds: -1, timeoutMs: 60_000 } as const;
      const back = { kind: "uncordon", session: (session + 1) % 4 } as const;
      const workload: ControlPlaneOperation[] = [
        { ...drain, atMs, node },
        { ...back, atMs: atMs + lastsMs, node },
      ];
      if (trouble === "two" && other !== node)
        workload.push(
          { ...drain, atMs: atMs + troubleMs, session: (session + 2) % 4, node: other },
          { ...back, atMs: atMs + lastsMs + 1000, session: (session + 3) % 4, node: other },
        );
      return { workload, faults: drainTrouble(trouble, other, atMs + troubleMs) };
    });
}

function drainTrouble(trouble: "none" | "crash" | "manager" | "api" | "two", node: string, atMs: number): Fault[] {
  switch (trouble) {
    case "crash":
      return [{ kind: "crash", atMs, target: node, downMs: 10_000, torn: false }];
    case "manager":
      return [{ kind: "kill", atMs, target: "managerLeader", downMs: 5000 }];
    case "api":
      return [{ kind: "kill", atMs, target: "api", downMs: 3000 }];
    default:
      return [];
  }
}

/** A kubelet or a runtime dies at a point of its work on pods, and comes back soon. */
export function nodeProcessDies(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const { cast } = setting;
  return fc
    .record({
      atMs: beginning(setting),
      index: fc.integer({ min: 0, max: cast.nodes.length - 1 }),
      point: fc.constantFrom(...NODE_POINTS),
      nth: fc.integer({ min: 1, max: 6 }),
      edge: fc.constantFrom("before" as const, "after" as const),
      both: fc.boolean(),
      downMs: fc.constantFrom(50, 500, 3000),
    })
    .map(({ atMs, index, point: { process, detail, effect }, nth, edge, both, downMs }) => {
      const on = { process: cast[process][index]!, effect, detail, nth, edge };
      const faults: Fault[] = [{ kind: "kill", atMs, on, target: "self", downMs }];
      const other = (process === "kubelets" ? cast.runtimes : cast.kubelets)[index]!;
      if (both) faults.push({ kind: "kill", atMs, on, target: other, downMs: downMs + 20 });
      return { faults, workload: [] };
    });
}

const NODE_POINTS = [
  { process: "kubelets", effect: "send", detail: "criCall runPodSandbox" },
  { process: "kubelets", effect: "send", detail: "criCall createContainer" },
  { process: "kubelets", effect: "send", detail: "criCall startContainer" },
  { process: "kubelets", effect: "send", detail: "criCall stopContainer" },
  { process: "kubelets", effect: "send", detail: "apiCall patch pods/status" },
  { process: "kubelets", effect: "send", detail: "apiCall delete pods" },
  { process: "runtimes", effect: "persist", detail: "container" },
  { process: "runtimes", effect: "persist", detail: "sandbox" },
  { process: "runtimes", effect: "send", detail: "criAnswer" },
  { process: "runtimes", effect: "send", detail: "criEvent" },
] as const;
