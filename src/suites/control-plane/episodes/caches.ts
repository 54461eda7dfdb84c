import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import type { Fault } from "../../../simulator/faults.ts";
import { IMAGES, manifestsOf } from "../manifests.ts";
import type { Cast, ControlPlaneOperation } from "../scenario.ts";
import { beginning, type ClusterEpisode, type ClusterSetting, NOTHING, naming, nodeOf, workloadOf } from "./setting.ts";
import { writesUnseen } from "./streams.ts";

/** What the store tells the API server of a master is held up, or what it tells the member that this server asks first. */
function lagging(cast: Cast, server: number, atMs: number, durationMs: number): readonly Fault[] {
  const api = cast.apiServers[server]!;
  const local = cast.members[server];
  const isStacked = cast.memberHosts[server] === cast.masters[server];
  if (isStacked && local !== undefined && cast.members.length > 2)
    return [{ kind: "partition", atMs, durationMs, side: [local], direction: "in" }];
  return cast.members.map((from): Fault => ({ kind: "clog", atMs, durationMs, from, to: api }));
}

/** All API servers but one are not heard by somebody. */
function closedBut(cast: Cast, server: number, to: string, atMs: number, durationMs: number): readonly Fault[] {
  return cast.apiServers
    .filter((_, i) => i !== server)
    .map((from): Fault => ({ kind: "link", atMs, durationMs, from, to, loss: 1 }));
}

/**
 * An API server is behind, and somebody who has seen more comes to it from another, without a restart: he must not be taken
 * back in time, and must get on at last.
 */
function movesToStaleServer(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const { cast } = setting;
  const workload = workloadOf(setting, "Deployment", "ReplicaSet", "StatefulSet");
  if (cast.apiServers.length < 2 || workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting, 12_000),
      server: fc.integer({ min: 0, max: cast.apiServers.length - 1 }),
      who: fc.constantFrom("managerLeader", "managerLeader", "schedulerLeader", ...cast.kubelets),
      plan: workload,
      replicas: fc.integer({ min: 0, max: 5 }),
      lastsMs: fc.integer({ min: 9000, max: 15_000 }),
    })
    .map(({ atMs, server, who, plan, replicas, lastsMs }) => ({
      faults: [...lagging(cast, server, atMs, lastsMs), ...closedBut(cast, server, who, atMs + 1500, lastsMs - 1500)],
      workload: [
        { kind: "scale", atMs: atMs + 100, session: 2, ...naming(plan), replicas },
        { kind: "annotate", atMs: atMs + 800, session: 2, ...naming(plan), values: { note: "stale" } },
      ],
    }));
}

/**
 * A node is drained, and its kubelet starts anew in front of an API server that is behind: what it had run is elsewhere, and
 * must not be started again.
 */
function drainedAndRestarted(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const { cast } = setting;
  if (cast.apiServers.length < 2 || cast.nodes.length < 2) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting, 15_000),
      node: fc.integer({ min: 0, max: cast.nodes.length - 1 }),
      afterMs: fc.integer({ min: 4000, max: 8000 }),
    })
    .map(({ atMs, node, afterMs }) => {
      const kubelet = cast.kubelets[node]!;
      const name = cast.nodes[node]!;
      // Not the one that it asks first: through that it learns what is to go.
      const server = (node + 1) % cast.apiServers.length;
      const faults: Fault[] = [
        ...lagging(cast, server, atMs, afterMs + 10_000),
        { kind: "kill", atMs: atMs + afterMs, target: kubelet, downMs: 50 },
        ...closedBut(cast, server, kubelet, atMs + afterMs, 9000),
      ];
      const workload: ControlPlaneOperation[] = [
        { kind: "drain", atMs: atMs + 200, session: 1, node: name, gracePeriodSeconds: 1, timeoutMs: 10_000 },
        { kind: "uncordon", atMs: atMs + afterMs + 10_000, session: 2, node: name },
      ];
      return { faults, workload };
    });
}

/** Requests whose answer somebody does not hear: they are done, and asked for again. */
const UNHEARD = [
  { process: "kubelet", detail: "apiCall delete pods" },
  { process: "kubelet", detail: "apiCall delete pods" },
  { process: "kubelet", detail: "apiCall patch pods/status" },
  { process: "managerLeader", detail: "apiCall create pods" },
  { process: "managerLeader", detail: "apiCall delete pods" },
  { process: "managerLeader", detail: "apiCall update statefulsets/status" },
  { process: "managerLeader", detail: "apiCall create replicasets" },
  { process: "managerLeader", detail: "apiCall create jobs" },
  { process: "schedulerLeader", detail: "apiCall create pods/binding" },
] as const;

/** A part of the cluster asks for something, and hears nothing for a while, neither of that nor of anything else. */
export function answerNotHeard(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const { cast } = setting;
  const workload = workloadOf(setting, "StatefulSet", "Deployment", "ReplicaSet");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting),
      unheard: fc.constantFrom(...UNHEARD),
      kubelet: fc.constantFrom(...cast.kubelets, "busyKubelet"),
      plan: workload,
      ordinal: fc.integer({ min: 0, max: 2 }),
      nth: fc.integer({ min: 1, max: 3 }),
      durationMs: fc.integer({ min: 1000, max: 8000 }),
    })
    .map(({ atMs, unheard, kubelet, plan, ordinal, nth, durationMs }) => {
      const isSet = plan.kind === "StatefulSet";
      const process = unheard.process !== "kubelet" ? unheard.process : isSet ? podKubelet(plan, ordinal) : kubelet;
      const on = { process, effect: "send", detail: unheard.detail, nth: isSet ? 1 : nth, edge: "after" } as const;
      const { name, namespace } = plan;
      const workload: ControlPlaneOperation[] = isSet
        ? [
            {
              kind: "delete",
              atMs: atMs + 20,
              session: 3,
              resource: "pods",
              namespace,
              name: `${name}-${ordinal}`,
              wait: false,
            },
          ]
        : [{ kind: "rolloutRestart", atMs: atMs + 20, session: 3, ...naming(plan) }];
      const faults: Fault[] = [{ kind: "partition", atMs, on, side: [process], direction: "in", durationMs }];
      return { faults, workload: plan.kind === "ReplicaSet" ? [scaledTo(plan, 0, atMs + 20)] : workload };
    });
}

function podKubelet({ namespace, name }: { namespace: string; name: string }, ordinal: number): string {
  return `kubeletOf/${namespace}/${name}-${ordinal}`;
}

function scaledTo(plan: Parameters<typeof naming>[0], replicas: number, atMs: number): ControlPlaneOperation {
  return { kind: "scale", atMs, session: 3, ...naming(plan), replicas };
}

/** Somebody deletes what is being deleted already, with another grace or another propagation. */
function deletedTwice(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "StatefulSet", "Deployment", "ReplicaSet", "DaemonSet");
  if (workload === null) return NOTHING;
  const propagation = fc.constantFrom("Background" as const, "Foreground" as const, "Orphan" as const);
  return fc
    .record({
      atMs: beginning(setting),
      plan: workload,
      ordinal: fc.integer({ min: 0, max: 1 }),
      first: fc.constantFrom(3, 5, 20),
      second: fc.constantFrom(1, 10, 30),
      propagations: fc.tuple(propagation, propagation),
      afterMs: fc.integer({ min: 10, max: 900 }),
      whole: fc.boolean(),
    })
    .map(({ atMs, plan, ordinal, first, second, propagations, afterMs, whole }) => {
      if (plan.kind === "StatefulSet" && !whole) {
        const { namespace, name } = plan;
        const pod = { kind: "delete", resource: "pods", namespace, name: `${name}-${ordinal}`, wait: false } as const;
        return {
          faults: [],
          workload: [
            { ...pod, atMs, session: 1, gracePeriodSeconds: first },
            { ...pod, atMs: atMs + afterMs, session: 2, gracePeriodSeconds: second },
          ],
        };
      }
      const all = { kind: "delete", ...naming(plan) } as const;
      return {
        faults: [],
        workload: [
          { ...all, atMs, session: 1, propagation: propagations[0], wait: false },
          { ...all, atMs: atMs + afterMs, session: 2, propagation: propagations[1], wait: false },
        ],
      };
    });
}

/**
 * Several ReplicaSets select the same pods, and there are some that nobody owns: each is adopted by one of them, and by one
 * only.
 */
function rivalOwners(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  return fc
    .record({
      atMs: beginning(setting, 10_000),
      rivals: fc.integer({ min: 2, max: 3 }),
      orphans: fc.integer({ min: 1, max: 3 }),
      lagMs: fc.constantFrom(0, 0, 500, 2000),
      lastsMs: fc.integer({ min: 3000, max: 9000 }),
    })
    .map(({ atMs, rivals, orphans, lagMs, lastsMs }) => {
      const labels = { app: "contested" };
      const spec = { terminationGracePeriodSeconds: 1, containers: [{ name: "app", image: IMAGES.v1 }] };
      const numbered = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
      const pods = numbered(orphans).map((i) => ({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: `orphan-${i}`, namespace: "default", labels },
        spec,
      }));
      const sets = numbered(rivals).map((i) => ({
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        metadata: { name: `rival-${i}`, namespace: "default", labels },
        spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
      }));
      const at = { kind: "apply", manifests: [] } as const;
      const workload: ControlPlaneOperation[] = [
        { ...at, atMs, session: 1, objects: sets.map((set) => ({ ...set, spec: { ...set.spec, replicas: 0 } })) },
        ...pods.map((pod, i) => ({ ...at, atMs: atMs + 1500, session: i, objects: [pod] })),
        ...sets.map((set, i) => ({ ...at, atMs: atMs + 1500, session: i, objects: [set] })),
        ...sets.map(
          ({ metadata: { name, namespace } }) =>
            ({
              kind: "delete",
              atMs: atMs + lastsMs,
              session: 1,
              resource: "replicasets",
              namespace,
              name,
              wait: false,
            }) as const,
        ),
      ];
      const faults: Fault[] =
        lagMs === 0 ? [] : [{ kind: "clog", atMs: atMs + 1500, durationMs: lagMs, from: "api", to: "managerLeader" }];
      return { faults, workload };
    });
}

/** A person replaces a workload by its manifest, as it is or with more replicas, while its controller works on it. */
function replaced(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const workload = workloadOf(setting, "Deployment", "StatefulSet", "ReplicaSet", "DaemonSet");
  if (workload === null) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting),
      plan: workload,
      replicas: fc.integer({ min: 1, max: 5 }),
      image: fc.constantFrom(IMAGES.v1, IMAGES.v2),
      times: fc.integer({ min: 1, max: 4 }),
      everyMs: fc.constantFrom(50, 400, 2000),
    })
    .map(({ atMs, plan, replicas, image, times, everyMs }) => ({
      faults: [],
      workload: Array.from({ length: times }, (_, i): ControlPlaneOperation => {
        const [object] = manifestsOf({ ...plan, image, replicas: replicas + (i % 2) });
        return { kind: "replace", atMs: atMs + i * everyMs, session: 2, object: object! };
      }),
    }));
}

/** Nodes are drained while what the controllers are told lags: budgets are counted by what was. */
function drainedBehindALag(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  const { cast } = setting;
  return fc
    .record({
      atMs: beginning(setting, 10_000),
      node: nodeOf(setting),
      other: nodeOf(setting),
      lags: fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 3, size: "max" }),
      lagMs: fc.constantFrom(100, 300, 1000),
      lastsMs: fc.integer({ min: 3000, max: 12_000 }),
    })
    .map(({ atMs, node, other, lags, lagMs, lastsMs }) => {
      const drain = { kind: "drain", gracePeriodSeconds: -1, timeoutMs: 60_000 } as const;
      const workload: ControlPlaneOperation[] = [
        { ...drain, atMs, session: 1, node },
        { kind: "uncordon", atMs: atMs + lastsMs, session: 2, node },
      ];
      if (other !== node)
        workload.push(
          { ...drain, atMs: atMs + 100, session: 0, node: other },
          { kind: "uncordon", atMs: atMs + Math.floor(lastsMs / 2), session: 3, node: other },
        );
      const faults = lags.flatMap((afterMs) =>
        cast.apiServers.map(
          (from): Fault => ({ kind: "clog", atMs: atMs + afterMs, durationMs: lagMs, from, to: "managerLeader" }),
        ),
      );
      return { workload, faults };
    });
}

/** Caches that are behind, each in its way. */
export function staleCaches(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  return fc.oneof(
    movesToStaleServer(setting),
    drainedAndRestarted(setting),
    drainedBehindALag(setting),
    writesUnseen(setting),
  );
}

/** Several who want different things of the same objects. */
export function contested(setting: ClusterSetting): Arbitrary<ClusterEpisode> {
  return fc.oneof(deletedTwice(setting), rivalOwners(setting), replaced(setting));
}
