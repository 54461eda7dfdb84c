import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import type { Fault } from "../../../simulator/faults.ts";
import { manifestsOf, resourceOf, type WorkloadKind } from "../manifests.ts";
import type { ControlPlaneOperation, ManifestSpec } from "../scenario.ts";
import { beginning, type ClusterEpisode, type ClusterSetting, NOTHING, naming, workloadOf } from "./setting.ts";

const API_VERSIONS: Readonly<Record<WorkloadKind, string>> = {
  Deployment: "apps/v1",
  ReplicaSet: "apps/v1",
  StatefulSet: "apps/v1",
  DaemonSet: "apps/v1",
  Job: "batch/v1",
  CronJob: "batch/v1",
};

/** Something is deleted while it is being deleted, in another way than the first time. */
export function deletedTwice(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "Deployment", "StatefulSet", "ReplicaSet", "Job");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting),
      plan: workload,
      pods: fc.boolean(),
      first: fc.constantFrom("Background" as const, "Orphan" as const, "Foreground" as const),
      second: fc.constantFrom("Foreground" as const, "Foreground" as const, "Orphan" as const),
      afterMs: fc.constantFrom(1, 10, 100, 800),
    })
    .map(({ atMs, plan, pods, first, second, afterMs }) => {
      const { name, namespace } = plan;
      const what = pods ? { resource: "pods", namespace, name: `${name}-*` } : naming(plan);
      const gone = { kind: "delete", ...what, wait: false } as const;
      const workload: ControlPlaneOperation[] = [
        { ...gone, atMs, session: 0, propagation: pods ? "Background" : first },
        { ...gone, atMs: atMs + afterMs, session: 1, propagation: second },
      ];
      return { faults: [], workload };
    });
}

/** An owner goes while nobody is there to see it, and perhaps comes again. */
export function ownerGoesUnseen(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "Deployment", "StatefulSet", "ReplicaSet", "Job", "DaemonSet");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting),
      plan: workload,
      afterMs: fc.integer({ min: 50, max: setting.leaseMs - 1000 }),
      downMs: fc.constantFrom(200, setting.leaseMs * 2),
      propagation: fc.constantFrom("Background" as const, "Background" as const, "Foreground" as const),
      again: fc.boolean(),
    })
    .map(({ atMs, plan, afterMs, downMs, propagation, again }) => {
      const at = { atMs: atMs + afterMs, session: 2 };
      const workload: ControlPlaneOperation[] = [{ kind: "delete", ...at, ...naming(plan), propagation, wait: false }];
      if (again)
        workload.push({ kind: "apply", atMs: at.atMs + 1, session: 2, objects: manifestsOf(plan), manifests: [] });
      return { faults: [{ kind: "kill", atMs, target: "managerLeader", downMs }], workload };
    });
}

/** What a workload owns is to stay when it goes, and some of it was made only just now, or has not been seen. */
export function orphaned(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "Deployment", "StatefulSet", "ReplicaSet");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting),
      plan: workload,
      nth: fc.integer({ min: 1, max: 3 }),
      afterMs: fc.integer({ min: 0, max: 30 }),
      unseen: fc.boolean(),
      again: fc.boolean(),
    })
    .map(({ atMs, plan, nth, afterMs, unseen, again }) => {
      const named = naming(plan);
      const on = {
        process: "managerLeader",
        effect: "send",
        detail: "apiCall create pods",
        nth,
        edge: "after",
      } as const;
      const workload: ControlPlaneOperation[] = [
        { kind: "delete", atMs, on, session: 2, ...named, propagation: "Orphan", wait: false },
        { kind: "scale", atMs: atMs + afterMs, session: 1, ...named, replicas: plan.replicas + 3 },
      ];
      if (again)
        workload.push({ kind: "apply", atMs: atMs + 3000, session: 2, objects: manifestsOf(plan), manifests: [] });
      return { faults: unseen ? [lostEvent("pods", atMs, nth)] : [], workload };
    });
}

/** The watch of a resource loses an event on its way to whoever leads. */
export function lostEvent(resource: string, atMs: number, nth: number): Fault {
  const on = { effect: "send", detail: `apiWatchEvents ${resource}`, nth, edge: "before" } as const;
  return { kind: "link", atMs, on, durationMs: 0, from: "self", to: "managerLeader", loss: 1 };
}

/**
 * Somebody writes a reference to an owner that is wrong: in its name, its kind, or the namespace that it is in, beside the
 * right one or alone; and perhaps who collects garbage starts anew.
 */
export function wrongOwner(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "Deployment", "StatefulSet", "ReplicaSet", "DaemonSet", "Job");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting, 10_000),
      plan: workload,
      wrong: fc.constantFrom("name" as const, "kind" as const, "namespace" as const, "namespace" as const),
      alone: fc.boolean(),
      restart: fc.boolean(),
    })
    .map(({ atMs, plan, wrong, alone, restart }) => {
      const { kind, namespace, name } = plan;
      const uid = `uidOf/${resourceOf(kind)}/${namespace}/${name}`;
      const right = { apiVersion: API_VERSIONS[kind], kind, name, uid };
      const bad = {
        ...right,
        ...(wrong === "name" ? { name: `${name}-of-old` } : {}),
        ...(wrong === "kind" ? { apiVersion: "v1", kind: "Service" } : {}),
      };
      const elsewhere = wrong === "namespace";
      const child: ManifestSpec = {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: {
          name: `of-${name}`,
          namespace: elsewhere ? "kube-public" : namespace,
          ownerReferences: alone || elsewhere ? [bad] : [bad, right],
        },
      };
      const make = { kind: "apply", session: 1, objects: [child], manifests: [] } as const;
      const faults: Fault[] = restart ? [{ kind: "kill", atMs: atMs + 5, target: "managerLeader", downMs: 200 }] : [];
      return { faults, workload: [{ ...make, atMs }] };
    });
}
