import { describe, expect, test } from "vitest";
import { contractBreach } from "../kernel/contract.ts";
import { API_DEFAULTS } from "../machinery/client/api.ts";
import type { Deployment, Lease } from "../machinery/kinds/index.ts";
import { NetworkBench } from "../machinery/net/testing/bench.ts";
import type { Controller } from "./controller.ts";
import { CONTROLLERS } from "./controllers.ts";
import { targetNodeOf } from "./daemonset/nodes.ts";
import { deployment as deploymentController } from "./deployment/index.ts";
import { CONTROLLER_MANAGER_DEFAULTS, controllerManager, mergedInformers } from "./manager.ts";
import { replicaset } from "./replicaset/index.ts";
import { daemonSet, deployment, node, statefulSet, template } from "./testing/objects.ts";
import { kubelets } from "./testing/surroundings.ts";
import type { ControllerManagerConfig, ControllerManagerState } from "./types.ts";

const SECOND = 1_000_000;
const controllers: readonly Controller[] = [deploymentController, replicaset];
const machine = controllerManager(controllers);

function configOf(id: string): ControllerManagerConfig {
  const api = { ...API_DEFAULTS, id, user: "system:kube-controller-manager", servers: ["api-1"] };
  return { ...CONTROLLER_MANAGER_DEFAULTS, id, api };
}

function benchOf(...ids: readonly string[]): NetworkBench {
  const bench = new NetworkBench();
  for (const id of ids) bench.start(id, machine, configOf(id));
  return bench;
}

const runPods = (bench: NetworkBench): void => kubelets(bench, { nodeOf: targetNodeOf });

const stateOf = (bench: NetworkBench, id: string): ControllerManagerState => bench.state(id);
const pods = (bench: NetworkBench): number => bench.api.list("pods").length;
const leaders = (bench: NetworkBench, ...ids: readonly string[]): string[] =>
  ids.filter((id) => bench.state(id).phase === "leading");

describe("a manager", () => {
  test("leads, works, and follows up what changes", () => {
    const bench = benchOf("cm-1");
    bench.api.put(deployment("web", { replicas: 3 }));
    bench.run(SECOND);
    expect(pods(bench)).toBe(3);
    for (let round = 0; round < 3; round++) {
      runPods(bench);
      bench.run(SECOND);
    }
    expect(bench.api.get<Deployment>("deployments", "default/web")!.status).toMatchObject({ availableReplicas: 3 });
    bench.api.edit<Deployment>("deployments", "default/web", (one) => ({
      ...one,
      metadata: { ...one.metadata, generation: 2 },
      spec: { ...one.spec, template: template("web", "image:2") },
    }));
    for (let round = 0; round < 10; round++) {
      runPods(bench);
      bench.run(SECOND);
    }
    const status = bench.api.get<Deployment>("deployments", "default/web")!.status!;
    expect(status).toMatchObject({ replicas: 3, updatedReplicas: 3, availableReplicas: 3, observedGeneration: 2 });
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: "Progressing", reason: "NewReplicaSetAvailable" }),
    );
  });

  test("does nothing while another leads, and takes over when that is gone", () => {
    const bench = benchOf("cm-1", "cm-2");
    bench.run(10 * SECOND);
    const [leader] = leaders(bench, "cm-1", "cm-2");
    expect(leaders(bench, "cm-1", "cm-2")).toHaveLength(1);
    const follower = leader === "cm-1" ? "cm-2" : "cm-1";
    expect(stateOf(bench, follower).api.informers.every(({ phase }) => phase === "idle")).toBe(true);
    bench.cut.add(leader!);
    bench.run(30 * SECOND);
    expect(leaders(bench, "cm-1", "cm-2")).toEqual([follower]);
    bench.api.put(deployment("web", { replicas: 2 }));
    bench.run(SECOND);
    expect(pods(bench)).toBe(2);
    expect(bench.api.get<Lease>("leases", "kube-system/kube-controller-manager")!.spec!.leaseTransitions).toBe(1);
  });

  test("that loses the lead exits within the renewal deadline, with nothing left, and stands for election again", () => {
    const bench = benchOf("cm-1");
    bench.api.put(deployment("web", { replicas: 2 }));
    bench.run(5 * SECOND);
    bench.cut.add("cm-1");
    bench.run(12 * SECOND);
    expect(bench.notes).toContain("cm-1 controllers/manager/exited");
    expect(stateOf(bench, "cm-1").slots.every(({ queue, tasks }) => queue.dirty.size + tasks.size === 0)).toBe(true);
    expect(stateOf(bench, "cm-1").api.informers.every(({ objects }) => objects.size === 0)).toBe(true);
    bench.cut.clear();
    bench.run(30 * SECOND);
    expect(leaders(bench, "cm-1")).toEqual(["cm-1"]);
    expect(pods(bench)).toBe(2);
  });

  test("keeps the contract of machines", () => {
    const bench = benchOf("cm-1");
    bench.api.put(deployment("web", { replicas: 2 }));
    for (let round = 0; round < 3; round++) {
      runPods(bench);
      bench.run(2 * SECOND);
    }
    bench.cut.add("cm-1");
    bench.run(20 * SECOND);
    bench.cut.clear();
    bench.run(20 * SECOND);
    const inputs = bench.inputs("cm-1");
    const clock = { now: SECOND, wall: SECOND };
    expect(contractBreach(machine, { durable: null, config: configOf("cm-1"), clock, inputs })).toBeNull();
  });

  test("keeps the contract of machines with all its controllers", () => {
    const all = controllerManager(CONTROLLERS);
    const bench = new NetworkBench();
    bench.start("cm-1", all, configOf("cm-1"));
    for (const name of ["node-1", "node-2"]) bench.api.put(node(name));
    for (const object of [deployment("web", { replicas: 2 }), statefulSet("db", { replicas: 2 }), daemonSet("agent")])
      bench.api.put(object);
    for (let round = 0; round < 4; round++) {
      runPods(bench);
      bench.run(2 * SECOND);
    }
    expect(pods(bench)).toBe(6);
    const inputs = bench.inputs("cm-1");
    const clock = { now: SECOND, wall: SECOND };
    expect(contractBreach(all, { durable: null, config: configOf("cm-1"), clock, inputs })).toBeNull();
  });

  test("is quiet when nothing is to be done: a renewal of its lease each two seconds", () => {
    const bench = benchOf("cm-1");
    bench.api.put(deployment("web", { replicas: 3 }));
    for (let round = 0; round < 4; round++) {
      runPods(bench);
      bench.run(SECOND);
    }
    const before = bench.inputs("cm-1").length;
    bench.run(20 * SECOND);
    expect(bench.inputs("cm-1").length - before).toBeLessThan(40);
  });
});

describe("informers", () => {
  test("are one for each resource, with all indexes", () => {
    const merged = mergedInformers(controllers);
    expect(merged.map(({ resource }) => resource)).toEqual(["deployments", "replicasets", "pods"]);
    expect(merged[2]!.indexes).toEqual(["byController"]);
  });
});
