import { describe, expect, test } from "vitest";
import type { Container, ContainerStatus, Pod } from "../machinery/kinds/index.ts";
import { fitsNode } from "../machinery/node-affinity.ts";
import { dueOf, EMPTY_AGENDA, firstDue, withDue } from "./agenda.ts";
import { backoffLeft, lengthened } from "./backoff.ts";
import { ranked, type Usage } from "./eviction.ts";
import { phaseOf } from "./phase.ts";
import type { PodWorker } from "./types.ts";

function pod(spec: Partial<Pod["spec"]>): Pod {
  const containers: Container[] = [{ name: "a" }, { name: "b" }];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "default" },
    spec: { containers, ...spec },
  };
}

const base = { ready: false, restartCount: 0 };
const running = (name: string, started = true): ContainerStatus => ({ ...base, name, started, state: { running: {} } });
const stopped = (name: string): ContainerStatus => ({ ...base, name, state: { terminated: { exitCode: 0 } } });
const failed = (name: string): ContainerStatus => ({ ...base, name, state: { terminated: { exitCode: -1 } } });
const waiting = (name: string): ContainerStatus => ({ ...base, name, state: { waiting: {} } });
const again = (name: string, exitCode: number): ContainerStatus => ({
  ...base,
  name,
  state: { waiting: {} },
  lastState: { terminated: { exitCode } },
});

describe("getPhase (pkg/kubelet/kubelet_pods_test.go, TestPodPhaseWithRestart*)", () => {
  const [Always, OnFailure, Never] = ["Always", "OnFailure", "Never"] as const;
  test.each([
    ["waiting", Always, [], "Pending"],
    ["all running", Always, [running("a"), running("b")], "Running"],
    ["all stopped with restart always", Always, [stopped("a"), stopped("b")], "Running"],
    ["mixed state #1 with restart always", Always, [running("a"), stopped("b")], "Running"],
    ["mixed state #2 with restart always", Always, [running("a")], "Pending"],
    ["mixed state #3 with restart always", Always, [running("a"), waiting("b")], "Pending"],
    ["backoff crashloop container with restart always", Always, [running("a"), again("b", -1)], "Running"],
    ["all stopped with restart never", Never, [stopped("a"), stopped("b")], "Succeeded"],
    ["all failed with restart never", Never, [failed("a"), failed("b")], "Failed"],
    ["mixed state #1 with restart never", Never, [running("a"), failed("b")], "Running"],
    ["one failed with restart never", Never, [stopped("a"), failed("b")], "Failed"],
    ["all stopped with restart onfailure", OnFailure, [stopped("a"), stopped("b")], "Succeeded"],
    ["all failed with restart onfailure", OnFailure, [failed("a"), failed("b")], "Running"],
    ["mixed state #3 with restart onfailure", OnFailure, [stopped("a"), waiting("b")], "Pending"],
    ["back-off restarting with restart onfailure", OnFailure, [running("a"), again("b", 1)], "Running"],
  ] as const)("%s", (_name, restartPolicy, info, phase) => {
    expect(phaseOf(pod({ restartPolicy }), info, false, false)).toBe(phase);
  });

  test.each([
    [Always, [stopped("a"), stopped("b")], "Succeeded"],
    [Always, [stopped("a"), failed("b")], "Failed"],
    [OnFailure, [failed("a"), failed("b")], "Failed"],
  ] as const)("a pod that is over: %s", (restartPolicy, info, phase) => {
    expect(phaseOf(pod({ restartPolicy }), info, true, true)).toBe(phase);
  });

  const init: Container = { name: "i" };
  const side: Container = { name: "i", restartPolicy: "Always" };
  test.each([
    ["init container runs", Always, init, [running("i")], "Pending"],
    ["init container failed, never", Never, init, [failed("i")], "Failed"],
    ["init container failed, always", Always, init, [again("i", 1)], "Pending"],
    ["init container done, others wait", Always, init, [stopped("i")], "Pending"],
    ["init container done, others run", Always, init, [stopped("i"), running("a"), running("b")], "Running"],
    ["sidecar has not started", Always, side, [running("i", false), waiting("a"), waiting("b")], "Pending"],
    ["sidecar and others run", Always, side, [running("i"), running("a"), running("b")], "Running"],
    ["sidecar has stopped, others run", Always, side, [failed("i"), running("a"), running("b")], "Running"],
    ["sidecar runs, others are done", Never, side, [running("i"), stopped("a"), stopped("b")], "Running"],
    ["sidecar stopped, others are done", Never, side, [failed("i"), stopped("a"), stopped("b")], "Succeeded"],
  ] as const)("%s", (_name, restartPolicy, container, info, phase) => {
    expect(phaseOf(pod({ restartPolicy, initContainers: [container] }), info, false, false)).toBe(phase);
  });
});

test("backoff: none at first, then 10 s doubling to 300 s, since the end; new after 600 s", () => {
  const [first, max] = [10, 300];
  expect(backoffLeft([], "a", 0, 0, max)).toBe(0);
  let backoffs = lengthened([], "a", 0, 0, first, max);
  expect([backoffLeft(backoffs, "a", 1, 1, max), backoffLeft(backoffs, "a", 1, 8, max)]).toEqual([10, 3]);
  expect(backoffLeft(backoffs, "b", 1, 1, max)).toBe(0);
  const waits: number[] = [];
  let wall = 11;
  for (let i = 0; i < 7; i++) {
    backoffs = lengthened(backoffs, "a", wall, wall, first, max);
    const left = backoffLeft(backoffs, "a", wall, wall, max);
    waits.push(left);
    wall += left;
  }
  expect(waits).toEqual([20, 40, 80, 160, 300, 300, 300]);
  const last = wall - 300;
  expect(backoffLeft(backoffs, "a", last + 600, last + 600, max)).toBe(300);
  expect(backoffLeft(backoffs, "a", last + 601, last + 601, max)).toBe(0);
  expect(lengthened(backoffs, "a", last + 601, last + 601, first, max)[0]?.us).toBe(10);
});

test("eviction ranks by use above the request, priority, and how much that is (eviction/helpers_test.go)", () => {
  const usage = (name: string, bytes: number, requested: number, priority = 0): Usage => {
    const worker = {
      name,
      phase: "sync",
      source: "api",
      pod: pod({ priority }),
      requests: { milliCpu: 0, memoryBytes: requested, ephemeralStorageBytes: 0, others: {} },
    } as unknown as PodWorker;
    return { worker, bytes };
  };
  const usages = [
    usage("below-low", 100, 1000, 1),
    usage("below-high", 200, 1000, 10_000),
    usage("above-high", 500, 100, 10_000),
    usage("above-low", 500, 100, 1),
    usage("above-low-more", 800, 100, 1),
    usage("critical", 900, 0, 2_000_000_000),
  ];
  expect(ranked(usages).map(({ worker }) => worker.name)).toEqual([
    "above-low-more",
    "above-low",
    "above-high",
    "below-low",
    "below-high",
  ]);
});

test("node affinity: terms are alternatives, their requirements are not; an empty term matches nothing", () => {
  const labels = { zone: "a", size: "5" };
  const required = (...nodeSelectorTerms: object[]) =>
    pod({
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
    } as never);
  const term = (key: string, operator: string, ...values: string[]) => ({
    matchExpressions: [{ key, operator, values }],
  });
  const fits = (...terms: object[]) => fitsNode(required(...terms), "node-1", labels);
  expect(fits(term("zone", "In", "b"), term("zone", "In", "a"))).toBe(true);
  expect(
    fits({
      matchExpressions: [...term("zone", "In", "a").matchExpressions, ...term("size", "Gt", "5").matchExpressions],
    }),
  ).toBe(false);
  expect([fits(term("size", "Gt", "4")), fits(term("size", "Lt", "5"))]).toEqual([true, false]);
  expect([fits(term("zone", "NotIn", "a")), fits(term("other", "NotIn", "a"))]).toEqual([false, true]);
  expect([fits(term("zone", "Exists")), fits(term("zone", "DoesNotExist"))]).toEqual([true, false]);
  expect(fits({})).toBe(false);
  expect(fits({ matchFields: [{ key: "metadata.name", operator: "In", values: ["node-1"] }] })).toBe(true);
  expect(fitsNode(pod({ nodeSelector: { zone: "a" } }), "node-1", labels)).toBe(true);
  expect(fitsNode(pod({ nodeSelector: { zone: "b" } }), "node-1", labels)).toBe(false);
});

test("the agenda keeps what is due by time, each thing once", () => {
  let agenda = withDue(EMPTY_AGENDA, "a", 20);
  agenda = withDue(agenda, "b", 10);
  agenda = withDue(agenda, "a", 5);
  expect(firstDue(agenda)).toEqual({ name: "a", at: 5 });
  agenda = withDue(agenda, "a", 0);
  expect(firstDue(agenda)).toEqual({ name: "b", at: 10 });
  expect([dueOf(agenda, "a"), dueOf(agenda, "b"), agenda.length]).toEqual([0, 10, 1]);
});
