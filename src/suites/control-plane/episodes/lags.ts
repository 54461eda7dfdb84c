import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import type { Fault } from "../../../simulator/faults.ts";
import { IMAGES, manifestsOf } from "../manifests.ts";
import type { ControlPlaneOperation } from "../scenario.ts";
import { lostEvent } from "./owners.ts";
import { beginning, type ClusterEpisode, type ClusterSetting, NOTHING, naming, workloadOf } from "./setting.ts";
import { heldEvents } from "./streams.ts";

/** What a controller writes itself, and what it goes by. */
const LOST = ["pods", "pods", "endpointslices", "endpointslices", "jobs", "replicasets", "services"] as const;

/** Who leads misses events of one resource, and for some seconds it sees that as it was, and all else as it is. */
export function eventsLost(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "Deployment", "StatefulSet", "ReplicaSet", "Job");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting),
      plan: workload,
      lost: fc.array(fc.tuple(fc.constantFrom(...LOST), fc.integer({ min: 1, max: 4 })), {
        minLength: 1,
        maxLength: 3,
        size: "max",
      }),
      afterMs: fc.integer({ min: 0, max: 3000 }),
      what: fc.constantFrom("scale" as const, "setImage" as const, "delete" as const, "delete" as const),
    })
    .map(({ atMs, plan, lost, afterMs, what }) => {
      const named = naming(plan);
      const at = atMs + afterMs;
      const pod = { resource: "pods", namespace: plan.namespace, name: `${plan.name}-*` };
      const workload: ControlPlaneOperation[] = [];
      if (plan.kind === "Job" || what === "delete")
        workload.push(
          { kind: "delete", atMs, session: 0, ...pod, wait: false },
          { kind: "delete", atMs: at, session: 1, ...pod, wait: false },
        );
      else if (what === "scale" || plan.kind === "ReplicaSet")
        workload.push(
          { kind: "scale", atMs, session: 0, ...named, replicas: plan.replicas + 1 },
          { kind: "scale", atMs: at, session: 0, ...named, replicas: plan.replicas },
        );
      else workload.push({ kind: "setImage", atMs, session: 0, ...named, container: "*", image: IMAGES.v2 });
      return { faults: lost.map(([resource, nth]) => lostEvent(resource, atMs, nth)), workload };
    });
}

/** A Job is begun, and something of what its controller goes by is not seen: its pods, or itself. */
export function jobUnseen(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "Job");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting, 10_000),
      plan: workload,
      fails: fc.boolean(),
      lost: fc.array(fc.tuple(fc.constantFrom("pods", "pods", "jobs"), fc.integer({ min: 1, max: 30 })), {
        minLength: 1,
        maxLength: 4,
        size: "max",
      }),
      ended: fc.boolean(),
      heldMs: fc.constantFrom(0, 0, 0, 1000, 3000),
    })
    .map(({ atMs, plan, fails, lost, ended, heldMs }) => {
      const name = `${plan.name}-again`;
      const image = fails ? IMAGES.failingJob : IMAGES.job;
      const objects = manifestsOf({ ...plan, name, image, replicas: plan.replicas + 2 });
      const workload: ControlPlaneOperation[] = [{ kind: "apply", atMs, session: 0, objects, manifests: [] }];
      // Those that have run to their end as well.
      if (ended)
        for (const afterMs of [4500, 6500, 9000])
          workload.push({
            kind: "delete",
            atMs: atMs + afterMs,
            session: 1,
            resource: "pods",
            namespace: plan.namespace,
            name: `${name}-*`,
            wait: false,
          });
      // Lost, or late.
      const faults = lost.flatMap(([resource, nth]) => {
        if (heldMs === 0) return [lostEvent(resource, atMs, nth)];
        const on = { process: "managerLeader", effect: "send", detail: "apiCall", nth, edge: "before" } as const;
        return heldEvents(setting.cast, resource, { atMs, on }, heldMs);
      });
      return { faults, workload };
    });
}

/** A service goes and comes again, and what stood behind it with it; or somebody deletes or empties its slices. */
export function servicesChange(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const fitting = setting.plans.filter(({ kind, service }) => service || kind === "StatefulSet");
  if (fitting.length === 0) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting),
      plan: fc.constantFrom(...fitting),
      what: fc.constantFrom("again" as const, "again" as const, "slicesGo" as const, "slicesChange" as const),
      trouble: fc.constantFrom("none" as const, "none" as const, "manager" as const, "event" as const),
    })
    .map(({ atMs, plan, what, trouble }) => {
      const { name, namespace } = plan;
      const service = { resource: "services", namespace, name };
      const slices = { resource: "endpointslices", namespace, name: `${name}-*` };
      const workload: ControlPlaneOperation[] =
        what === "again"
          ? [
              { kind: "delete", atMs, session: 0, ...service, wait: true },
              { kind: "apply", atMs: atMs + 1, session: 0, objects: manifestsOf(plan), manifests: [] },
            ]
          : what === "slicesGo"
            ? [{ kind: "delete", atMs, session: 0, ...slices, wait: false }]
            : [{ kind: "patch", atMs, session: 0, ...slices, type: "merge", patch: { endpoints: [] } }];
      const faults: Fault[] =
        trouble === "none"
          ? []
          : trouble === "manager"
            ? [{ kind: "kill", atMs: atMs + 2, target: "managerLeader", downMs: 200 }]
            : [lostEvent("endpointslices", atMs, 1)];
      return { faults, workload };
    });
}
