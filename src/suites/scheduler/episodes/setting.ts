import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import type { Fault } from "../../../simulator/faults.ts";
import type { ClusterEpisode, ClusterSetting } from "../../control-plane/episodes/setting.ts";
import type { Cast, ControlPlaneOperation, ManifestSpec } from "../../control-plane/scenario.ts";

export { beginning, NOTHING, naming, nodeOf, workloadOf } from "../../control-plane/episodes/setting.ts";
export type { ClusterEpisode, ClusterSetting };

/** What makes an episode of one kind. */
export type Maker = (setting: ClusterSetting) => Arbitrary<ClusterEpisode>;

export const LEADER = "schedulerLeader";

/** Objects are applied, each by itself, so far apart. */
export function applied(
  objects: readonly ManifestSpec[],
  atMs: number,
  { everyMs = 0, session = 2 }: { readonly everyMs?: number; readonly session?: number } = {},
): readonly ControlPlaneOperation[] {
  return objects.map((object, i) => ({
    kind: "apply",
    atMs: atMs + i * everyMs,
    session,
    objects: [object],
    manifests: [],
  }));
}

/** A pod is deleted, whether it is still there or not. */
export function podDeleted(name: string, atMs: number, more: object = {}): ControlPlaneOperation {
  const named = { resource: "pods", namespace: "default", name };
  return { kind: "delete", atMs, session: 3, ...named, wait: false, ...more } as ControlPlaneOperation;
}

/** Some of what servers tell the scheduler that acts is held up. Links would not do: there is none between it and its server. */
function heldUp({ apiServers }: Cast, messages: readonly string[], when: object, durationMs: number): readonly Fault[] {
  return apiServers.map(
    (from) => ({ kind: "clog", ...when, durationMs, from, to: LEADER, messages }) as Extract<Fault, { kind: "clog" }>,
  );
}

/** What it is told of changes comes late, of one resource or of all. */
export function lagging(cast: Cast, atMs: number, durationMs: number, resource: string | null): readonly Fault[] {
  return heldUp(cast, [resource === null ? "apiWatchEvents" : `apiWatchEvents ${resource}`], { atMs }, durationMs);
}

/**
 * It does not hear of what happens, and then the servers start anew and remember no changes: it lists, and what has come
 * and gone meanwhile it never hears of.
 */
export function losing(cast: Cast, atMs: number, forMs: number): readonly Fault[] {
  const kills = cast.apiServers.map((target): Fault => ({ kind: "kill", atMs: atMs + forMs, target, downMs: 200 }));
  return [...heldUp(cast, ["apiWatchEvents"], { atMs }, forMs + 1000), ...kills];
}

/** Its requests are done, and it is not answered in time. */
export function unanswered(cast: Cast, when: object, durationMs: number): readonly Fault[] {
  return heldUp(cast, ["apiAnswer"], when, durationMs);
}

/** How the scheduler that acts may be struck. */
export const TROUBLES = ["none", "none", "kill", "pause", "partition", "lag", "loss"] as const;
export type Trouble = (typeof TROUBLES)[number];
export const trouble = fc.constantFrom(...TROUBLES);

/** The scheduler that acts is in trouble for a while. */
export function inTrouble(
  kind: Trouble,
  { cast, leaseMs }: ClusterSetting,
  atMs: number,
  lastsMs: number,
): readonly Fault[] {
  switch (kind) {
    case "none":
      return [];
    case "kill":
      return [{ kind: "kill", atMs, target: LEADER, downMs: lastsMs }];
    case "pause":
      return [{ kind: "pause", atMs, target: LEADER, durationMs: lastsMs + leaseMs }];
    case "partition":
      return [{ kind: "partition", atMs, side: [LEADER], direction: "both", durationMs: lastsMs + leaseMs }];
    case "lag":
      return lagging(cast, atMs, lastsMs, null);
    case "loss":
      return losing(cast, atMs, lastsMs);
  }
}
