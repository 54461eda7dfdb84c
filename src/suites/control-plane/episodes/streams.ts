import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import type { Fault } from "../../../simulator/faults.ts";
import { IMAGES, manifestsOf } from "../manifests.ts";
import type { Cast, ControlPlaneOperation } from "../scenario.ts";
import { beginning, type ClusterEpisode, type ClusterSetting, NOTHING, naming, workloadOf } from "./setting.ts";

/** Who leads is told of changes of a resource later than of all others, and what it asks for goes through. */
export function heldEvents(
  { apiServers }: Cast,
  resource: string,
  start: Pick<Fault, "atMs" | "on">,
  durationMs: number,
): readonly Fault[] {
  const messages = [`apiWatchEvents ${resource}`];
  return apiServers.map((from): Fault => ({ kind: "clog", ...start, durationMs, from, to: "managerLeader", messages }));
}

/** An API server is told of no change, and answers calls as ever. */
export function laggingServer({ members }: Cast, to: string, start: Pick<Fault, "atMs" | "on">, durationMs: number) {
  return members.map((from): Fault => ({ kind: "clog", ...start, durationMs, from, to, messages: ["watchResponse"] }));
}

/** When who leads begins to write. */
const WRITES = ["create pods", "create pods", "delete pods", "patch pods", "create replicasets", "update jobs/status"];

/** From a write of the leader on, it does not see what comes of its writes; or the API servers do not, and it starts anew. */
export function writesUnseen(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const { cast } = setting;
  const workload = workloadOf(setting, "Deployment", "StatefulSet", "ReplicaSet", "Job");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting, 10_000),
      plan: workload,
      write: fc.constantFrom(...WRITES),
      nth: fc.integer({ min: 1, max: 3 }),
      lastsMs: fc.integer({ min: 300, max: 3500 }),
      restarts: fc.boolean(),
      replicas: fc.integer({ min: 1, max: 5 }),
    })
    .map(({ atMs, plan, write, nth, lastsMs, restarts, replicas }) => {
      const point = { process: "managerLeader", effect: "send", detail: `apiCall ${write}`, nth } as const;
      const start = { atMs, on: { ...point, edge: "before" } } as const;
      const faults: readonly Fault[] = restarts
        ? [
            ...cast.apiServers.flatMap((api) => laggingServer(cast, api, start, 3 * lastsMs)),
            { kind: "kill", atMs, on: { ...point, nth: nth + 1, edge: "after" }, target: "self", downMs: 100 },
          ]
        : heldEvents(cast, "pods", start, lastsMs);
      return { faults, workload: [changed({ ...plan, replicas }, atMs)] };
    });
}

function changed(plan: Parameters<typeof manifestsOf>[0], atMs: number): ControlPlaneOperation {
  const { kind, replicas } = plan;
  if (kind !== "Job") return { kind: "scale", atMs, session: 3, ...naming(plan), replicas };
  const objects = manifestsOf({ ...plan, name: `${plan.name}-more`, image: IMAGES.job });
  return { kind: "apply", atMs, session: 3, objects, manifests: [] };
}
