import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import type { Fault } from "../../../simulator/faults.ts";
import { IMAGES } from "../manifests.ts";
import type { ControlPlaneOperation, ManifestSpec } from "../scenario.ts";
import { beginning, type ClusterEpisode, type ClusterSetting } from "./setting.ts";

const STORAGE_CLASS: ManifestSpec = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "disk" },
  provisioner: "example.com/disk",
};

/** Requests of the operator around which it, or its watch, is cut off. */
const POINTS = [
  "apiCall update persistentvolumeclaims",
  "apiCall update persistentvolumeclaims",
  "apiCall delete pods",
  "apiCall delete persistentvolumeclaims",
  "apiCall create pods",
  "apiCall update databases.example.com/status",
] as const;

/** A database under an operator grows, shrinks, has larger claims or goes, while its operator dies, or sees what was. */
export function operatedDatabase(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  return fc
    .record({
      atMs: beginning(setting, 20_000),
      replicas: fc.integer({ min: 1, max: 3 }),
      to: fc.integer({ min: 0, max: 3 }),
      grows: fc.boolean(),
      back: fc.boolean(),
      goes: fc.constantFrom("no" as const, "no" as const, "goes" as const, "again" as const),
      afterMs: fc.integer({ min: 2000, max: 9000 }),
      trouble: trouble(setting),
      troubleMs: fc.integer({ min: 0, max: 3000 }),
    })
    .map(({ atMs, replicas, to, grows, back, goes, afterMs, trouble, troubleMs }) => {
      const first = { replicas, storage: "1Gi" };
      const make = (at: number): ControlPlaneOperation => ({
        kind: "apply",
        atMs: at,
        session: 1,
        objects: [STORAGE_CLASS, database(first.replicas, first.storage)],
        manifests: [],
      });
      const change = (at: number, spec: object): ControlPlaneOperation => ({
        ...DATABASE,
        kind: "patch",
        atMs: at,
        session: 1,
        type: "merge",
        patch: { spec },
      });
      const changedAt = atMs + afterMs;
      const workload = [make(atMs), change(changedAt, { replicas: to, ...(grows ? { storage: "2Gi" } : {}) })];
      if (back) workload.push(change(changedAt + 4000, { replicas }));
      if (goes !== "no") workload.push({ ...DATABASE, kind: "delete", atMs: changedAt + 8000, session: 1, wait: true });
      if (goes === "again") workload.push(make(changedAt + 8001));
      return { workload, faults: trouble(changedAt + troubleMs) };
    });
}

const DATABASE = { resource: "databases.example.com", namespace: "default", name: "orders" } as const;

function database(replicas: number, storage: string): ManifestSpec {
  return {
    apiVersion: "example.com/v1",
    kind: "Database",
    metadata: { name: "orders", namespace: "default" },
    spec: { replicas, image: IMAGES.v1, storage },
  };
}

/** What goes wrong from some time on. */
function trouble({ cast, leaseMs }: ClusterSetting): Arbitrary<(atMs: number) => readonly Fault[]> {
  const dies = fc
    .record({
      detail: fc.constantFrom(...POINTS),
      edge: fc.constantFrom("before" as const, "after" as const),
      nth: fc.integer({ min: 1, max: 3 }),
      downMs: fc.constantFrom(200, leaseMs),
    })
    .map(({ detail, edge, nth, downMs }) => (atMs: number): readonly Fault[] => [
      {
        kind: "kill",
        atMs: Math.max(0, atMs - 3000),
        on: { effect: "send", detail, nth, edge },
        target: "self",
        downMs,
      },
    ]);
  const blind = fc.integer({ min: 1000, max: 9000 }).map(
    (lastsMs) =>
      (atMs: number): readonly Fault[] =>
        cast.apiServers.map((from): Fault => ({ kind: "clog", atMs, durationMs: lastsMs, from, to: "managerLeader" })),
  );
  // One of the servers stays behind, and who takes over asks that one.
  const stale = fc
    .record({
      index: fc.integer({ min: 0, max: cast.apiServers.length - 1 }),
      lastsMs: fc.integer({ min: 6000, max: 15_000 }),
    })
    .map(({ index, lastsMs }) => (atMs: number): readonly Fault[] => {
      const api = cast.apiServers[index]!;
      const isStacked = cast.memberHosts[index] === cast.masters[index];
      const member = cast.members[index];
      return [
        ...(isStacked && member !== undefined
          ? [{ kind: "partition", atMs, durationMs: lastsMs, side: [member], direction: "in" } as const]
          : cast.members.map((from): Fault => ({ kind: "clog", atMs, durationMs: lastsMs, from, to: api }))),
        { kind: "kill", atMs: atMs + Math.floor(lastsMs / 2), target: "managerLeader", downMs: 50 },
      ];
    });
  return fc.oneof(dies, dies, blind, stale);
}
