import type { Node, Pod } from "../../models/machinery/kinds/index.ts";
import { schedulePod, USUAL } from "../../models/scheduler/framework/cycle.ts";
import { listersOf } from "../../models/scheduler/framework/listers.ts";
import { podInfoOf } from "../../models/scheduler/framework/pod-info.ts";
import { snapshotOf, withPod } from "../../models/scheduler/framework/snapshot.ts";
import { defaultProfile } from "../../models/scheduler/plugins/index.ts";

const ZONES = 3;
const APPS = 100;

export interface ScheduleFigures {
  readonly pods: number;
  readonly bound: number;
  readonly seconds: number;
  /** Nodes that were scored, in the mean. */
  readonly scored: number;
}

/**
 * Places pods one after the other: a third plain, a third spread over zones and hosts, a third that keep away from each
 * other on a host.
 */
export function schedulePods(nodes: number, existing: number, pods: number): ScheduleFigures {
  const profile = defaultProfile();
  const listers = listersOf([]);
  const there = Array.from({ length: existing }, (_, i) => podOf(`existing-${i}`, i, `node-${(i * 7919) % nodes}`));
  const pending = Array.from({ length: pods }, (_, i) => podOf(`pod-${i}`, i, null));
  let snapshot = snapshotOf(
    Array.from({ length: nodes }, (_, i) => nodeOf(i)),
    there,
  );
  let start = 0;
  let bound = 0;
  let scored = 0;
  const from = performance.now();
  for (const [i, one] of pending.entries()) {
    const pod = podInfoOf(one);
    const result = schedulePod(profile, listers, snapshot, pod, { ...USUAL, start, tieBreak: i });
    start = result.nextStart;
    snapshot = result.snapshot;
    if (result.node === null) continue;
    bound++;
    scored += result.filtered!.feasible.length;
    snapshot = withPod(snapshot, pod, result.node.name);
  }
  return { pods, bound, scored: scored / pods, seconds: (performance.now() - from) / 1000 };
}

function nodeOf(index: number): Node {
  const name = `node-${index}`;
  const amounts = { cpu: "32", memory: "64Gi", pods: "110" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: { "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": `zone-${index % ZONES}` },
    },
    status: { capacity: amounts, allocatable: amounts },
  };
}

function podOf(name: string, index: number, nodeName: string | null): Pod {
  const app = `app-${index % APPS}`;
  const labels = { app };
  const labelSelector = { matchLabels: labels };
  const spec: Pod["spec"] = {
    containers: [
      { name: "c", image: "registry.k8s.io/pause:3.10.1", resources: { requests: { cpu: "100m", memory: "128Mi" } } },
    ],
    ...(nodeName !== null && { nodeName }),
  };
  const special: readonly Partial<Pod["spec"]>[] = [
    {},
    {
      topologySpreadConstraints: [
        { maxSkew: 5, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "DoNotSchedule", labelSelector },
        { maxSkew: 3, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway", labelSelector },
      ],
    },
    {
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "kubernetes.io/hostname", labelSelector }],
        },
      },
    },
  ];
  const kind = Math.floor(index / APPS) % special.length;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", uid: `uid-${name}`, labels },
    spec: { ...spec, ...special[nodeName === null ? kind : index % 3 === 2 ? 2 : 0] },
  };
}
