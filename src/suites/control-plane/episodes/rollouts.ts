import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import { IMAGES } from "../manifests.ts";
import type { ControlPlaneOperation } from "../scenario.ts";
import { beginning, type ClusterEpisode, type ClusterSetting, NOTHING, naming, workloadOf } from "./setting.ts";

const image = fc.constantFrom(IMAGES.v1, IMAGES.v2, IMAGES.slow, "app:v3", "slow:v2");

/** A rollout is overtaken by the next one, and that perhaps by a third; meanwhile the size may change. */
export function rollover(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "Deployment", "Deployment", "StatefulSet", "DaemonSet");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting, 15_000),
      plan: workload,
      images: fc.array(image, { minLength: 2, maxLength: 3, size: "max" }),
      everyMs: fc.constantFrom(50, 400, 1500, 4000),
      replicas: fc.option(fc.integer({ min: 1, max: 6 }), { freq: 3 }),
    })
    .map(({ atMs, plan, images, everyMs, replicas }) => {
      const named = naming(plan);
      const workload = images.map(
        (image, i): ControlPlaneOperation => ({
          kind: "setImage",
          atMs: atMs + i * everyMs,
          session: 1,
          ...named,
          container: "*",
          image,
        }),
      );
      if (replicas !== null && plan.kind !== "DaemonSet")
        workload.push({ kind: "scale", atMs: atMs + Math.ceil(everyMs / 2), session: 2, ...named, replicas });
      return { faults: [], workload };
    });
}

/** Pods of a StatefulSet are deleted by hand while it is updated, in time or at once. */
export function podsDeletedInUpdate(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "StatefulSet");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting, 15_000),
      plan: workload,
      image,
      replicas: fc.integer({ min: 2, max: 4 }),
      deletions: fc.array(
        fc.record({
          ordinal: fc.integer({ min: 0, max: 3 }),
          afterMs: fc.integer({ min: 200, max: 12_000 }),
          now: fc.boolean(),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    })
    .map(({ atMs, plan, image, replicas, deletions }) => {
      const named = naming(plan);
      const updatedAt = atMs + 4000;
      const workload: ControlPlaneOperation[] = [
        { kind: "scale", atMs, session: 1, ...named, replicas },
        { kind: "setImage", atMs: updatedAt, session: 1, ...named, container: "*", image },
      ];
      for (const { ordinal, afterMs, now } of deletions)
        workload.push({
          kind: "delete",
          atMs: updatedAt + afterMs,
          session: 2,
          resource: "pods",
          namespace: plan.namespace,
          name: `${plan.name}-${ordinal}`,
          wait: false,
          ...(now ? { gracePeriodSeconds: 1 } : {}),
        });
      return { faults: [], workload };
    });
}
