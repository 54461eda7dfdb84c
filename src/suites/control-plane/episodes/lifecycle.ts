import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import type { Fault } from "../../../simulator/faults.ts";
import type { ControlPlaneOperation } from "../scenario.ts";
import { beginning, type ClusterEpisode, type ClusterSetting, NOTHING, nodeOf } from "./setting.ts";

/** No master hears any node, for longer than a node may be silent. */
export function noNodeHeard(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const { cast, graceMs } = setting;
  return fc
    .record({
      atMs: beginning(setting, graceMs),
      lastsMs: fc.integer({ min: graceMs, max: graceMs * 3 }),
      direction: fc.constantFrom("both" as const, "both" as const, "in" as const),
    })
    .map(({ atMs, lastsMs, direction }) => ({
      faults: [{ kind: "partition", atMs, durationMs: lastsMs, side: cast.masters, direction }],
      workload: [],
    }));
}

/** A node is lost, and who has found it so dies before or after it has said so. */
export function nodeAndManagerGo(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const { graceMs, leaseMs } = setting;
  return fc
    .record({
      atMs: beginning(setting, graceMs),
      node: nodeOf(setting),
      lastsMs: fc.integer({ min: graceMs * 2, max: graceMs * 6 }),
      detail: fc.constantFrom(
        "apiCall update nodes/status",
        "apiCall update nodes/status",
        "apiCall update pods/status",
        "apiCall patch nodes",
        "apiCall delete pods",
      ),
      edge: fc.constantFrom("before" as const, "after" as const),
      downMs: fc.constantFrom(200, leaseMs * 2),
    })
    .map(({ atMs, node, lastsMs, detail, edge, downMs }) => {
      const on = { process: "managerLeader", effect: "send", detail, nth: 1, edge } as const;
      const faults: Fault[] = [
        { kind: "crash", atMs, target: node, downMs: lastsMs, torn: false },
        { kind: "kill", atMs, on, target: "managerLeader", downMs },
      ];
      return { faults, workload: [] };
    });
}

/** A budget is changed while nobody is there to see it, and at once nodes are drained. */
export function budgetChanges(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const fitting = setting.plans.filter(({ budget }) => budget !== null);
  if (fitting.length === 0) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting),
      plan: fc.constantFrom(...fitting),
      node: nodeOf(setting),
      down: fc.boolean(),
      keep: fc.boolean(),
      afterMs: fc.constantFrom(5, 50, 500),
    })
    .map(({ atMs, plan: { name, namespace, replicas }, node, down, keep, afterMs }) => {
      const spec = { maxUnavailable: null, minAvailable: keep ? replicas : 0 };
      const budget = { resource: "poddisruptionbudgets", namespace, name, type: "merge" as const };
      const drain = { kind: "drain", session: 2, gracePeriodSeconds: -1, timeoutMs: 20_000 } as const;
      const workload: ControlPlaneOperation[] = [
        { kind: "patch", atMs: atMs + 100, session: 1, ...budget, patch: { spec } },
        { ...drain, atMs: atMs + 100 + afterMs, node },
        // What it was before, so that drains come to their end.
        {
          kind: "patch",
          atMs: atMs + 8000,
          session: 1,
          ...budget,
          patch: { spec: { maxUnavailable: null, minAvailable: 0 } },
        },
      ];
      const faults: Fault[] = down ? [{ kind: "kill", atMs, target: "managerLeader", downMs: 200 }] : [];
      return { faults, workload };
    });
}
