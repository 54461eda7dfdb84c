import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import type { Fault } from "../../simulator/faults.ts";
import type { ControlPlaneOperation } from "../control-plane/scenario.ts";
import type { NetworkEpisode, NetworkSetting } from "./episodes.ts";

/** Addresses and ports of these services are apart from those that generated ones choose. */
const RIVAL_ADDRESSES = "10.96.0.";
const FIRST_RIVAL_ADDRESS = 200;
const FIRST_RIVAL_PORT = 30_200;

type Type = "ClusterIP" | "NodePort" | "LoadBalancer";

function manifest(name: string, app: string, type: Type, clusterIP: string, nodePort: number) {
  const spec = {
    type,
    selector: { app },
    ...(type === "LoadBalancer" ? { externalTrafficPolicy: "Local" } : {}),
    ...(clusterIP === "" ? {} : { clusterIP }),
    ports: [{ name: "tcp", port: 80, ...(nodePort === 0 || type === "ClusterIP" ? {} : { nodePort }) }],
  };
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace: "default" }, spec };
}

function beginning({ chaosMs }: NetworkSetting, lastsMs: number): Arbitrary<number> {
  const latest = Math.max(Math.ceil(chaosMs / 2), chaosMs - lastsMs);
  return fc.integer({ min: Math.min(4000, latest), max: latest });
}

const create = (atMs: number, session: number, object: Readonly<Record<string, unknown>>): ControlPlaneOperation => ({
  kind: "create",
  atMs,
  session,
  objects: [object],
  manifests: [],
});

const remove = (atMs: number, session: number, name: string): ControlPlaneOperation => ({
  kind: "delete",
  atMs,
  session,
  resource: "services",
  namespace: "default",
  name,
  wait: false,
});

/** Services want the same address and port, at the same time; and when one goes, another wants it. */
export function rivalServices(setting: NetworkSetting): Arbitrary<NetworkEpisode> {
  return fc
    .record({
      atMs: beginning(setting, 8000),
      app: fc.constantFrom(...setting.backends.map(({ name }) => name)),
      place: fc.integer({ min: 0, max: 9 }),
      type: fc.constantFrom<Type[]>("ClusterIP", "NodePort", "LoadBalancer"),
      apartMs: fc.constantFrom(0, 1, 5, 50),
      afterMs: fc.constantFrom(1, 200, 3000),
      count: fc.integer({ min: 2, max: 3 }),
    })
    .map(({ atMs, app, place, type, apartMs, afterMs, count }) => {
      const wants = (name: string) =>
        manifest(
          `r${place}-${name}`,
          app,
          type,
          `${RIVAL_ADDRESSES}${FIRST_RIVAL_ADDRESS + place}`,
          FIRST_RIVAL_PORT + place,
        );
      const workload = Array.from({ length: count }, (_, i) => create(atMs + i * apartMs, i, wants(`${i}`)));
      const later = atMs + count * apartMs + 1500;
      return {
        faults: [],
        workload: [...workload, remove(later, 0, `r${place}-0`), create(later + afterMs, 1, wants("late"))],
      };
    });
}

/** Many services come and go, while a server that hands out their addresses starts anew. */
export function servicesComeAndGo(setting: NetworkSetting): Arbitrary<NetworkEpisode> {
  const { apiServers } = setting.cast;
  return fc
    .record({
      atMs: beginning(setting, 8000),
      app: fc.constantFrom(...setting.backends.map(({ name }) => name)),
      type: fc.constantFrom<Type[]>("ClusterIP", "NodePort", "LoadBalancer"),
      count: fc.integer({ min: 2, max: 6 }),
      everyMs: fc.constantFrom(1, 20, 300),
      staysMs: fc.constantFrom(1, 400, 5000),
      server: fc.option(fc.constantFrom(...apiServers)),
      killMs: fc.integer({ min: 0, max: 1500 }),
      downMs: fc.constantFrom(20, 300, 3000),
    })
    .map(({ atMs, app, type, count, everyMs, staysMs, server, killMs, downMs }) => {
      const names = Array.from({ length: count }, (_, i) => `c${atMs}-${i}`);
      const faults: Fault[] = server === null ? [] : [{ kind: "kill", atMs: atMs + killMs, target: server, downMs }];
      return {
        faults,
        workload: [
          ...names.map((name, i) => create(atMs + i * everyMs, i % 3, manifest(name, app, type, "", 0))),
          ...names.map((name, i) => remove(atMs + count * everyMs + staysMs + i * everyMs, i % 3, name)),
        ],
      };
    });
}

/** A node is there late, or again as a new one, about when a controller manager takes over: who has which block is learned anew. */
export function nodeComesLate(setting: NetworkSetting): Arbitrary<NetworkEpisode> {
  const { nodes, kubelets } = setting.cast;
  return fc
    .record({
      index: fc.integer({ min: 0, max: nodes.length - 1 }),
      isNew: fc.boolean(),
      atMs: beginning(setting, 10_000),
      beforeMs: fc.integer({ min: -2000, max: 6000 }),
      managerMs: fc.constantFrom(0, 50, 2000, 8000),
      session: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ index, isNew, atMs, beforeMs, managerMs, session }) => {
      const killed = Math.max(1, atMs - beforeMs);
      const faults: Fault[] =
        managerMs === 0 ? [] : [{ kind: "kill", atMs: killed, target: "managerLeader", downMs: managerMs }];
      if (!isNew)
        return {
          faults: [{ kind: "crash", atMs: 1, target: nodes[index]!, downMs: atMs, torn: false }, ...faults],
          workload: [],
        };
      const named = { resource: "nodes", namespace: "", name: nodes[index]! };
      return {
        faults: [...faults, { kind: "kill", atMs: atMs + 500, target: kubelets[index]!, downMs: 200 }],
        workload: [{ kind: "delete", atMs, session, ...named, wait: false }],
      };
    });
}
