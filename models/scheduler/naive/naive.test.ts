import { describe, expect, test } from "vitest";
import { deepFreeze } from "../../kernel/contract.ts";
import type { KubeObject, LabelSelector, Node, Pod, PodAffinityTerm } from "../../machinery/kinds/index.ts";
import { schedulePod, USUAL } from "../framework/cycle.ts";
import { listersOf } from "../framework/listers.ts";
import { podInfoOf } from "../framework/pod-info.ts";
import { nodesOf, type Snapshot, snapshotOf, withoutPod, withPod } from "../framework/snapshot.ts";
import { defaultProfile } from "../plugins/index.ts";
import { type NaiveCluster, refusals } from "./filter.ts";
import { naiveScores } from "./score.ts";

/** A generator of numbers below `n`. */
type Draw = (n: number) => number;

function drawsFrom(seed: number): Draw {
  let state = seed * 2654435761 + 1;
  return (n) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) | 0;
    state ^= state >>> 13;
    return (state >>> 0) % n;
  };
}

const oneOf = <T>(draw: Draw, ...items: readonly T[]): T => items[draw(items.length)]!;
const often = (draw: Draw, percent: number): boolean => draw(100) < percent;
const KEYS = ["zone", "rack", "kubernetes.io/hostname"];
const NAMESPACES = { default: { team: "a" }, other: { team: "b" }, third: { team: "a" } };

function nodeFrom(draw: Draw, index: number): Node {
  const name = `n${index}`;
  const labels: Record<string, string> = {};
  if (often(draw, 90)) labels["zone"] = `z${draw(3)}`;
  if (often(draw, 80)) labels["rack"] = `r${draw(5)}`;
  if (often(draw, 90)) labels["kubernetes.io/hostname"] = name;
  if (often(draw, 50)) labels["size"] = `${draw(9)}`;
  const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;
  const taints = Array.from({ length: often(draw, 30) ? 1 + draw(2) : 0 }, (_, i) => ({
    key: `t${draw(3)}-${i}`,
    value: `${draw(2)}`,
    effect: oneOf(draw, ...effects),
  }));
  const images = ["app", "db:1", "huge"].filter(() => often(draw, 50));
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels },
    spec: { ...(taints.length > 0 && { taints }), ...(often(draw, 5) && { unschedulable: true }) },
    status: {
      allocatable: {
        cpu: `${1 + draw(4)}`,
        memory: `${1 + draw(4)}Gi`,
        pods: `${3 + draw(9)}`,
        "x.io/gpu": `${draw(3)}`,
      },
      images: images.map((image) => ({
        names: [image.includes(":") ? image : `${image}:latest`],
        sizeBytes: 3e7 * (1 + image.length) ** 2,
      })),
    },
  };
}

function selectorFrom(draw: Draw): LabelSelector {
  const app = `a${draw(3)}`;
  return oneOf<LabelSelector>(
    draw,
    { matchLabels: { app } },
    { matchExpressions: [{ key: "app", operator: "NotIn", values: [app] }] },
    { matchExpressions: [{ key: "tier", operator: "Exists" }] },
    { matchLabels: { app }, matchExpressions: [{ key: "tier", operator: "In", values: ["x", "y"] }] },
    {},
  );
}

function termFrom(draw: Draw): PodAffinityTerm {
  return {
    topologyKey: oneOf(draw, ...KEYS),
    ...(often(draw, 95) && { labelSelector: selectorFrom(draw) }),
    ...(often(draw, 20) && { namespaces: [oneOf(draw, "default", "other")] }),
    ...(often(draw, 20) && { namespaceSelector: oneOf(draw, {}, { matchLabels: { team: "a" } }) }),
  };
}

function podFrom(draw: Draw, name: string): Pod {
  const list = <T>(percent: number, make: () => T): readonly T[] =>
    Array.from({ length: often(draw, percent) ? 1 + draw(2) : 0 }, make);
  const required = (percent: number) => list(percent, () => termFrom(draw));
  const preferred = (percent: number) =>
    list(percent, () => ({ weight: 1 + draw(100), podAffinityTerm: termFrom(draw) }));
  const nodeTerm = () =>
    oneOf(
      draw,
      { matchExpressions: [{ key: "zone", operator: "In" as const, values: ["z0", "z1"] }] },
      { matchExpressions: [{ key: "size", operator: "Gt" as const, values: ["3"] }] },
      { matchExpressions: [{ key: "rack", operator: "DoesNotExist" as const }] },
      { matchFields: [{ key: "metadata.name", operator: "NotIn" as const, values: ["n1"] }] },
    );
  const nodeTerms = list(15, nodeTerm);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: oneOf(draw, "default", "default", "other", "third"),
      uid: `uid-${name}`,
      labels: { app: `a${draw(3)}`, ...(often(draw, 40) && { tier: oneOf(draw, "x", "y", "z") }) },
      ...(often(draw, 5) && { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    },
    spec: {
      containers: [
        {
          name: "c",
          image: oneOf(draw, "app", "db:1", "huge", "none"),
          resources: {
            requests: {
              ...(often(draw, 70) && { cpu: `${draw(9) * 100}m` }),
              ...(often(draw, 70) && { memory: `${draw(9) * 100}Mi` }),
              ...(often(draw, 10) && { "x.io/gpu": "1" }),
            },
          },
          ...(often(draw, 15) && {
            ports: [{ containerPort: 80, hostPort: 80 + draw(2), ...(often(draw, 50) && { hostIP: "10.0.0.1" }) }],
          }),
        },
      ],
      ...(often(draw, 10) && { nodeSelector: { zone: `z${draw(3)}` } }),
      tolerations: list(50, () => ({
        key: `t${draw(3)}-0`,
        operator: oneOf(draw, "Exists" as const, "Equal" as const),
        ...(often(draw, 50) && { effect: oneOf(draw, "NoSchedule" as const, "PreferNoSchedule" as const) }),
      })).map((one) => (one.operator === "Equal" ? { ...one, value: "1" } : one)),
      topologySpreadConstraints: list(40, () => ({
        maxSkew: 1 + draw(3),
        topologyKey: oneOf(draw, ...KEYS),
        whenUnsatisfiable: oneOf(draw, "DoNotSchedule" as const, "ScheduleAnyway" as const),
        labelSelector: selectorFrom(draw),
        ...(often(draw, 20) && { minDomains: 1 + draw(4) }),
        ...(often(draw, 30) && { nodeAffinityPolicy: oneOf(draw, "Honor" as const, "Ignore" as const) }),
        ...(often(draw, 30) && { nodeTaintsPolicy: oneOf(draw, "Honor" as const, "Ignore" as const) }),
        ...(often(draw, 20) && { matchLabelKeys: ["tier"] }),
      })),
      affinity: {
        nodeAffinity: {
          ...(nodeTerms.length > 0 && {
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: nodeTerms },
          }),
          preferredDuringSchedulingIgnoredDuringExecution: list(20, () => ({
            weight: 1 + draw(50),
            preference: nodeTerm(),
          })),
        },
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: required(15),
          preferredDuringSchedulingIgnoredDuringExecution: preferred(15),
        },
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: required(15),
          preferredDuringSchedulingIgnoredDuringExecution: preferred(15),
        },
      },
    },
  };
}

const objects = Object.entries(NAMESPACES).map(
  ([name, labels]): KubeObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } }),
);

/** Places some pods, one after the other, and compares each decision. Returns how many nodes took pods and how many did not. */
function compare(seed: number): { readonly taken: number; readonly refused: number } {
  const draw = drawsFrom(seed);
  const profile = defaultProfile();
  const listers = listersOf(objects);
  const nodes = Array.from({ length: 2 + draw(9) }, (_, i) => nodeFrom(draw, i));
  let pods: readonly Pod[] = Array.from({ length: draw(20) }, (_, i) => {
    const pod = podFrom(draw, `e${i}`);
    return { ...pod, spec: { ...pod.spec, nodeName: `n${draw(12)}` } };
  });
  let snapshot: Snapshot = snapshotOf(nodes, pods);
  let taken = 0;
  let refused = 0;
  for (let i = 0; i < 12; i++) {
    const pod = podFrom(draw, `p${i}`);
    const info = podInfoOf(pod);
    const cluster: NaiveCluster = { nodes, pods, namespaces: NAMESPACES };
    deepFreeze(snapshot);
    // A snapshot is plain data: a copy of it decides the same.
    const copy = JSON.parse(JSON.stringify(snapshot)) as Snapshot;
    expect(copy).toEqual(snapshot);
    if (i % 4 === 0) snapshot = copy;
    const result = schedulePod(profile, listers, snapshot, info, { ...USUAL, tieBreak: draw(5), allPlugins: true });
    ({ snapshot } = result);
    const infos = nodesOf(snapshot);
    for (const [place, { node, name }] of infos.entries()) {
      const own = result.answers!.filter(({ statuses }) => statuses[place] !== null).map(({ plugin }) => plugin);
      expect(own, `seed ${seed}: ${pod.metadata.name} on ${name}`).toEqual(refusals(cluster, pod, node));
    }
    const fitting = infos.filter(({ node }) => refusals(cluster, pod, node).length === 0);
    const feasible = result.filtered?.feasible ?? [];
    expect(feasible.map(({ name }) => name).toSorted()).toEqual(fitting.map(({ name }) => name).toSorted());
    taken += fitting.length;
    refused += infos.length - fitting.length;
    if (result.scored !== null)
      expect(result.scored.totals, `seed ${seed}: scores of ${pod.metadata.name}`).toEqual(
        naiveScores(
          cluster,
          pod,
          feasible.map(({ node }) => node),
        ),
      );
    if (result.node !== null) {
      snapshot = withPod(snapshot, info, result.node.name);
      pods = [...pods, { ...pod, spec: { ...pod.spec, nodeName: result.node.name } }];
    }
    const leaving = pods[draw(pods.length + 3)];
    if (leaving !== undefined) {
      snapshot = withoutPod(snapshot, podInfoOf(leaving).id, leaving.spec.nodeName!);
      pods = pods.filter((one) => one !== leaving);
    }
  }
  return { taken, refused };
}

describe("a second, naive implementation", () => {
  test("agrees on what fits and on every score, as pods come and go", () => {
    let taken = 0;
    let refused = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const counts = compare(seed);
      taken += counts.taken;
      refused += counts.refused;
    }
    expect(taken).toBeGreaterThan(1000);
    expect(refused).toBeGreaterThan(1000);
  });
});
