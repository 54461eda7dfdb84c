import { describe, expect, test } from "vitest";
import { contractBreach, mapGet } from "../kernel/index.ts";
import type { Container, Node, Pod } from "../machinery/kinds/index.ts";
import { wallOf } from "../machinery/time.ts";
import { type Behaviour, DEFAULT_BEHAVIOUR, RUNTIME_DEFAULTS, type RuntimeConfig, runtime } from "../runtime/index.ts";
import { type KubeletConfig, kubelet } from "./index.ts";
import { TestNode as NodeWith } from "./testing/test-node.ts";

/** A node with the runtime that is tested here as well. */
class TestNode extends NodeWith {
  constructor(runtimeConfig: Partial<RuntimeConfig> = {}, kubeletConfig: Partial<KubeletConfig> = {}) {
    super(runtime, { ...RUNTIME_DEFAULTS, podCIDR: "10.244.1.0/24", ...runtimeConfig }, kubeletConfig);
  }
}

const MIB = 1024 * 1024;

function behaviour(image: string, changes: Partial<Behaviour>): Behaviour {
  return { ...DEFAULT_BEHAVIOUR, image, ...changes };
}

const CRASHES = behaviour("crashes", { exitsAfterUs: 1_000_000, exitCode: 1 });
const DONE = behaviour("done", { exitsAfterUs: 2_000_000 });
const STUBBORN = behaviour("stubborn", { ignoresSigterm: true });
const MISSING = behaviour("missing", { pullFails: true });

function container(name: string, image: string, more: Partial<Container> = {}): Container {
  return { name, image, ...more };
}

function started(node: TestNode, name: string, spec: Partial<Pod["spec"]> = {}): TestNode {
  node.addPod(name, spec);
  node.flushApi();
  node.run(5);
  return node;
}

function remove(node: TestNode, name: string, grace = 30): void {
  node.api.wall = node.now;
  node.api.deletePod(`default/${name}`, grace);
  node.flushApi();
}

/** Whether the pod is ready, at each of its writes. */
function readiness(node: TestNode): readonly boolean[] {
  return node.api.requests.flatMap((request) => {
    if (request.verb !== "patch" || request.resource !== "pods") return [];
    const { conditions } = (request.patch as unknown as { status: NonNullable<Pod["status"]> }).status;
    return [conditions?.find(({ type }) => type === "Ready")?.status === "True"];
  });
}

function phases(node: TestNode, name: string): readonly string[] {
  const seen = node.api.requests.flatMap((request) =>
    request.verb === "patch" && request.resource === "pods" && request.name === name
      ? [(request.patch as unknown as { status: { phase: string } }).status.phase]
      : [],
  );
  return seen.filter((phase, at) => phase !== seen[at - 1]);
}

describe("a node", () => {
  test("registers itself, reports when something changes and every five minutes, and renews its lease", () => {
    const node = new TestNode({}, { registerWithTaints: [{ key: "new", effect: "NoSchedule" }] }).run(60);
    const own = node.api.get<Node>("nodes", "node-1")!;
    expect(own.spec?.taints).toEqual([{ key: "new", effect: "NoSchedule" }]);
    expect(own.status?.conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual([
      "MemoryPressure=False",
      "DiskPressure=False",
      "PIDPressure=False",
      "Ready=True",
    ]);
    const reports = () =>
      node.api.requests.filter(({ verb, resource }) => verb === "patch" && resource === "nodes").length;
    const before = reports();
    node.run(1200);
    expect(reports() - before).toBe(4);
    const renewals = node.api.requests.filter(({ verb, resource }) => verb === "update" && resource === "leases");
    expect(renewals.length).toBeGreaterThan(120);
    const renewed = renewals.map((request) =>
      wallOf((request as unknown as { object: { spec: { renewTime: string } } }).object.spec.renewTime),
    );
    for (let i = 1; i < renewed.length; i++) expect(renewed[i]! - renewed[i - 1]!).toBe(10_000_000);
  });

  test("reports at once when another has written that it is unknown", () => {
    const node = new TestNode().run(60);
    const own = node.api.get<Node>("nodes", "node-1")!;
    const conditions = own.status!.conditions!.map((one) => ({
      ...one,
      status: "Unknown" as const,
      reason: "NodeStatusUnknown",
    }));
    node.api.put({ ...own, status: { ...own.status, conditions } } as Node);
    node.flushApi();
    node.run(11);
    expect(node.api.get<Node>("nodes", "node-1")!.status?.conditions?.at(-1)).toMatchObject({
      type: "Ready",
      status: "True",
    });
  });

  test("is not ready while its runtime has been down for more than 30 s", () => {
    const node = new TestNode().run(60);
    const ready = () => node.api.get<Node>("nodes", "node-1")!.status?.conditions?.at(-1)?.status;
    node.crash("runtime");
    node.run(25);
    expect(ready()).toBe("True");
    node.run(30);
    expect(ready()).toBe("False");
    node.boot("runtime");
    node.run(12);
    expect(ready()).toBe("True");
  });

  test("a node that was there keeps its spec and takes its lease over", () => {
    const node = new TestNode({}, { labels: { zone: "a" } }).run(30);
    const own = node.api.get<Node>("nodes", "node-1")!;
    node.api.put({ ...own, metadata: { ...own.metadata, labels: {} }, spec: { unschedulable: true } } as Node);
    node.restart("kubelet");
    node.run(30);
    expect(node.api.get<Node>("nodes", "node-1")).toMatchObject({
      metadata: { labels: { zone: "a", "kubernetes.io/hostname": "node-1" } },
      spec: { unschedulable: true },
    });
    expect(node.noted("kubelet/node/lease-renewed")).toBeGreaterThan(5);
  });

  test("a healthy pod costs next to nothing", () => {
    const node = started(new TestNode(), "web");
    const before = node.steps;
    node.run(600);
    expect((node.steps - before) / 600).toBeLessThan(1);
  });
});

describe("a pod", () => {
  test("starts, is ready, has an address, and tells it in two writes", () => {
    const node = started(new TestNode(), "web");
    expect(node.pod("web")?.status).toMatchObject({ phase: "Running", podIP: "10.244.1.2", hostIP: "192.168.0.1" });
    expect(node.isReady("web")).toBe(true);
    expect(node.noted("kubelet/status/written")).toBe(2);
  });

  test("is deleted only when its containers are gone and the API shows its end, by its UID", () => {
    const node = started(new TestNode({ behaviours: [STUBBORN] }), "web", {
      containers: [container("app", "stubborn")],
    });
    remove(node, "web", 10);
    node.run(9.9);
    expect(node.running("web")).toHaveLength(1);
    expect(node.pod("web")?.status?.phase).toBe("Running");
    node.run(1);
    expect(node.pod("web")).toBeNull();
    const deletion = node.api.requests.findIndex(({ verb }) => verb === "delete");
    expect(node.api.requests[deletion]).toMatchObject({
      options: { gracePeriodSeconds: 0, preconditions: { uid: "uid-web" } },
    });
    expect(phases(node, "web")).toEqual(["Pending", "Running", "Failed"]);
    node.run(5);
    expect(node.runtime.disk.sandboxes).toEqual([]);
    expect(node.kubelet.state?.workers.size).toBe(0);
    const due = node.kubelet.state!.agenda.map(({ name }) => name).sort();
    expect(due).toEqual(["calls", "eviction", "lease", "node", "relist"]);
  });

  test("a shorter grace is taken while it is being terminated", () => {
    const node = started(new TestNode({ behaviours: [STUBBORN] }), "web", {
      containers: [container("app", "stubborn")],
    });
    remove(node, "web", 300);
    node.run(20);
    remove(node, "web", 5);
    node.run(4.9);
    expect(node.running("web")).toHaveLength(1);
    node.run(0.2);
    expect(node.running("web")).toHaveLength(0);
  });

  test("that was deleted from the API without grace is stopped all the same", () => {
    const node = started(new TestNode(), "web");
    node.api.remove("pods", "default/web");
    node.flushApi();
    node.run(5);
    expect(node.runtime.disk.containers).toEqual([]);
    expect(node.api.requests.filter(({ verb }) => verb === "delete")).toEqual([]);
  });

  test("another of its name is another pod", () => {
    const node = started(new TestNode({ behaviours: [STUBBORN] }), "web", {
      containers: [container("app", "stubborn")],
    });
    node.api.remove("pods", "default/web");
    node.addPod("web", {}, "uid-new");
    node.flushApi();
    node.run(3);
    expect(node.running("web").map(({ podUid }) => podUid)).toEqual(["uid-web", "uid-new"]);
    node.run(40);
    expect(node.running("web").map(({ podUid }) => podUid)).toEqual(["uid-new"]);
    expect(node.pod("web")?.metadata.uid).toBe("uid-new");
  });

  test("with restart policy Never or OnFailure comes to its end, and stays there", () => {
    const node = new TestNode({ behaviours: [DONE, CRASHES] });
    node.addPod("good", { restartPolicy: "Never", containers: [container("app", "done")] });
    node.addPod("bad", { restartPolicy: "Never", containers: [container("app", "crashes"), container("b", "done")] });
    node.addPod("retried", {
      restartPolicy: "OnFailure",
      containers: [container("app", "crashes"), container("b", "done")],
    });
    node.flushApi();
    node.run(20);
    expect(phases(node, "good")).toEqual(["Pending", "Running", "Succeeded"]);
    expect(phases(node, "bad")).toEqual(["Pending", "Running", "Failed"]);
    expect(phases(node, "retried")).toEqual(["Pending", "Running"]);
    expect(node.status("retried")?.restartCount).toBeGreaterThan(0);
    expect(node.status("retried", "b")?.restartCount).toBe(0);
    expect(node.pod("good")?.status?.podIP).toMatch(/^10\.244\.1\./);
    node.restart("kubelet");
    node.run(60);
    expect(node.containers("good")).toHaveLength(1);
    expect(node.noted("kubelet/worker/not-started-again")).toBe(2);
    expect(phases(node, "good")).toEqual(["Pending", "Running", "Succeeded"]);
  });

  test("a terminal phase is held back until nothing of it runs", () => {
    const spec = {
      activeDeadlineSeconds: 10,
      terminationGracePeriodSeconds: 20,
      containers: [container("app", "stubborn")],
    };
    const node = started(new TestNode({ behaviours: [STUBBORN] }), "web", spec);
    node.run(20);
    expect(node.running("web")).toHaveLength(1);
    expect(node.pod("web")?.status?.phase).toBe("Running");
    expect(node.noted("kubelet/status/terminal-phase-held-back")).toBeGreaterThan(0);
    node.run(10);
    expect(node.running("web")).toHaveLength(0);
    expect(node.pod("web")?.status).toMatchObject({ phase: "Failed", reason: "DeadlineExceeded" });
  });

  test("what the API shows otherwise is set right again", () => {
    const node = started(new TestNode(), "web");
    const pod = node.pod("web")!;
    const conditions = pod.status!.conditions!.map((one) =>
      one.type === "Ready" ? { ...one, status: "False" as const } : one,
    );
    node.api.put({ ...pod, status: { ...pod.status, conditions } } as Pod);
    node.flushApi();
    node.run(11);
    expect(node.isReady("web")).toBe(true);
    const writes = node.noted("kubelet/status/written");
    node.run(60);
    expect(node.noted("kubelet/status/written")).toBe(writes);
  });

  test("a status that is not answered is written again", () => {
    const node = new TestNode().run(30);
    node.addPod("web");
    node.flushApi();
    node.run(0.01);
    node.api.isDown = true;
    node.run(5);
    node.api.isDown = false;
    node.run(60);
    expect(node.isReady("web")).toBe(true);
  });
});

describe("containers", () => {
  test("a crash loop restarts at once, then after 10, 20, 40, 80, 160 and 300 s", () => {
    const node = new TestNode({ behaviours: [CRASHES] });
    node.addPod("web", { containers: [container("app", "crashes")] });
    node.flushApi();
    const waits: number[] = [];
    let attempt = 0;
    node.run(0.001);
    for (; attempt < 9; attempt++) {
      const has = (n: number, state: string) =>
        node
          .containers("web")
          .some((one) => one.attempt === n && (state === "exited" ? one.state === state : true) && one.startedAt > 0);
      node.until(() => has(attempt, "exited"));
      waits.push(Math.round(node.until(() => has(attempt + 1, "running"))));
    }
    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300, 300]);
    expect(node.containers("web").length).toBeLessThanOrEqual(3);
    node.run(30);
    expect(node.status("web")).toMatchObject({
      restartCount: 9,
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: { terminated: { exitCode: 1, reason: "Error" } },
    });
    expect(node.pod("web")?.status?.phase).toBe("Running");
  });

  test("a backoff is forgotten after ten good minutes", () => {
    const rarely = behaviour("rarely", { exitsAfterUs: 700_000_000, exitCode: 1 });
    const node = started(new TestNode({ behaviours: [rarely] }), "web", { containers: [container("app", "rarely")] });
    for (let n = 1; n < 5; n++) {
      node.run(710);
      expect(node.status("web")?.restartCount).toBe(n);
    }
    expect(node.noted("kubelet/sync/crash-loop-back-off")).toBe(0);
    expect(node.noted("kubelet/sync/back-off-forgotten")).toBe(3);
  });

  test("the count of restarts goes on over restarts of kubelet, runtime and host, also where the runtime has lost it", () => {
    const once = behaviour("twice", { exitsAfterUs: 1_000_000, exitCode: 1, exitsTimes: 2 });
    const node = started(new TestNode({ behaviours: [once] }), "web", { containers: [container("app", "twice")] });
    node.run(30);
    expect(node.status("web")?.restartCount).toBe(2);
    node.restart("kubelet");
    node.restart("runtime");
    node.run(30);
    expect(node.status("web")?.restartCount).toBe(3);
    node.restartHost();
    node.run(30);
    expect(node.status("web")?.restartCount).toBe(4);
    node.crash("kubelet");
    node.runtime.disk = { ...node.runtime.disk, containers: [], sandboxes: [] };
    node.restart("runtime");
    node.boot("kubelet");
    node.run(30);
    expect(node.status("web")).toMatchObject({ restartCount: 5, ready: true });
    // A power failure takes the last records of the runtime.
    const { containers } = node.runtime.disk;
    node.runtime.disk = { ...node.runtime.disk, containers: containers.map((one) => ({ ...one, attempt: 0 })) };
    node.restartHost();
    node.run(30);
    expect(node.status("web")).toMatchObject({ restartCount: 6, ready: true });
  });

  test("an image that is not there: ErrImagePull, then ImagePullBackOff, tried again after 10, 20, … s", () => {
    const node = started(new TestNode({ behaviours: [MISSING] }), "web", { containers: [container("app", "missing")] });
    expect(node.status("web")?.state?.waiting?.reason).toBe("ImagePullBackOff");
    const pulls = node.noted("runtime/image/missing");
    node.run(10);
    expect(node.noted("runtime/image/missing")).toBe(pulls + 1);
    node.run(15);
    expect(node.noted("runtime/image/missing")).toBe(pulls + 1);
    node.run(6);
    expect(node.noted("runtime/image/missing")).toBe(pulls + 2);
    expect(node.pod("web")?.status?.phase).toBe("Pending");
  });

  test("a container that cannot start keeps no other one waiting, but an init container does", () => {
    const node = new TestNode({ behaviours: [MISSING] });
    node.addPod("web", { containers: [container("app", "missing"), container("b", "good")] });
    node.addPod("init", { initContainers: [container("i", "missing")] });
    node.flushApi();
    node.run(10);
    expect(node.running("web").map((one) => one.container)).toEqual(["b"]);
    expect(node.containers("init")).toEqual([]);
    expect(node.status("init")?.state?.waiting?.reason).toBe("PodInitializing");
  });

  test("a new image restarts that container alone; in rkt the whole pod", () => {
    for (const [name, expected] of [
      ["docker", [1, 0]],
      ["rkt", [1, 1]],
    ] as const) {
      const node = new TestNode({ runtime: name });
      started(node, "web", { containers: [container("app", "one"), container("b", "same")] });
      const pod = node.pod("web")!;
      node.api.put({
        ...pod,
        spec: { ...pod.spec, containers: [container("app", "two"), container("b", "same")] },
      } as Pod);
      node.flushApi();
      node.run(10);
      expect(new Set(node.running("web").map(({ image }) => image))).toEqual(new Set(["two", "same"]));
      expect([node.status("web")?.restartCount, node.status("web", "b")?.restartCount]).toEqual(expected);
    }
  });

  test("one that crashes restarts alone; in rkt the whole pod, after the backoff", () => {
    for (const [name, others] of [
      ["docker", false],
      ["containerd", false],
      ["rkt", true],
    ] as const) {
      const node = new TestNode({ runtime: name, behaviours: [CRASHES] });
      started(node, "web", { containers: [container("app", "crashes"), container("b", "same")] });
      node.run(60);
      const counts = [node.status("web")!.restartCount, node.status("web", "b")!.restartCount];
      expect(counts[0]).toBe(3);
      expect(counts[1]).toBe(others ? 3 : 0);
    }
  });

  test("a creation that does not come to its end is given up after two minutes and made again (containerd#4604)", () => {
    const stalls = behaviour("stalls", { createStalls: 1 });
    const node = started(new TestNode({ runtime: "containerd", behaviours: [stalls] }), "web", {
      containers: [container("app", "stalls")],
    });
    node.run(150);
    expect(node.status("web")).toMatchObject({ ready: true, restartCount: 0 });
  });
});

describe("init containers and sidecars", () => {
  test("init containers run one after the other, before the others", () => {
    const node = new TestNode({ behaviours: [DONE] });
    const initContainers = [container("i1", "done"), container("i2", "done")];
    started(node, "web", { initContainers });
    node.run(10);
    const order = node.containers("web").map((one) => [one.container, one.startedAt, one.finishedAt] as const);
    expect(order.map(([name]) => name)).toEqual(["i1", "i2", "app"]);
    expect(order[1]![1]).toBeGreaterThanOrEqual(order[0]![2]);
    expect(order[2]![1]).toBeGreaterThanOrEqual(order[1]![2]);
    expect(node.isReady("web")).toBe(true);
  });

  test("one that fails is tried again, or fails the pod where the policy is Never", () => {
    const node = new TestNode({ behaviours: [CRASHES] });
    node.addPod("again", { initContainers: [container("i", "crashes")] });
    node.addPod("never", { restartPolicy: "Never", initContainers: [container("i", "crashes")] });
    node.flushApi();
    node.run(60);
    expect(node.status("again", "i")?.restartCount).toBe(3);
    expect(node.pod("again")?.status?.phase).toBe("Pending");
    expect(node.pod("never")?.status?.phase).toBe("Failed");
    expect([...node.containers("again"), ...node.containers("never")].some((one) => one.container === "app")).toBe(
      false,
    );
  });

  test("a sidecar is started before the others, started again when it ends, and stopped after them", () => {
    const node = new TestNode({ behaviours: [behaviour("side", { exitsAfterUs: 8_000_000, exitsTimes: 1 })] });
    const initContainers = [container("s", "side", { restartPolicy: "Always" }), container("i", "done")];
    started(node, "web", { initContainers: [initContainers[0]!] });
    expect(node.containers("web").map((one) => one.container)).toEqual(["s", "app"]);
    node.run(10);
    expect(node.status("web", "s")?.restartCount).toBe(1);
    expect(node.status("web")?.restartCount).toBe(0);
    remove(node, "web");
    node.until(() => node.running("web").length === 1);
    expect(node.running("web")[0]?.container).toBe("s");
    node.run(3);
    expect(node.pod("web")).toBeNull();
  });

  test("sidecars keep no pod alive", () => {
    const node = new TestNode({ behaviours: [DONE] });
    const initContainers = [container("s", "side", { restartPolicy: "Always" })];
    started(node, "job", { restartPolicy: "Never", initContainers, containers: [container("app", "done")] });
    node.run(40);
    expect(node.pod("job")?.status?.phase).toBe("Succeeded");
    expect(node.running("job")).toEqual([]);
  });

  test("in a new sandbox they run again", () => {
    const node = new TestNode({ behaviours: [DONE] });
    started(node, "web", { initContainers: [container("i", "done")] });
    node.run(10);
    node.restartHost();
    node.run(20);
    expect(node.status("web", "i")?.restartCount).toBe(1);
    expect(node.status("web")?.restartCount).toBe(1);
    expect(node.isReady("web")).toBe(true);
  });
});

describe("probes", () => {
  const http = { httpGet: { port: 80 } };

  test("readiness comes when the probe passes, and liveness waits for the startup probe", () => {
    const slow = behaviour("slow", { startsAfterUs: 25_000_000, readyAfterUs: 45_000_000 });
    const node = new TestNode({ behaviours: [slow] });
    const probes = { startupProbe: { ...http, failureThreshold: 30 }, livenessProbe: { ...http, periodSeconds: 1 } };
    started(node, "web", { containers: [container("app", "slow", { ...probes, readinessProbe: http })] });
    node.run(20);
    expect(node.status("web")).toMatchObject({ started: false, ready: false, restartCount: 0 });
    node.run(10);
    expect(node.status("web")).toMatchObject({ started: true, ready: false });
    node.run(20);
    expect(node.status("web")).toMatchObject({ started: true, ready: true, restartCount: 0 });
    expect(node.isReady("web")).toBe(true);
  });

  test("three failures of liveness in a row kill the container; it starts again", () => {
    const hangs = behaviour("hangs", { hangsAfterUs: 15_000_000 });
    const node = new TestNode({ behaviours: [hangs] });
    started(node, "web", { containers: [container("app", "hangs", { livenessProbe: http })] });
    node.run(31);
    expect(node.status("web")?.restartCount).toBe(0);
    node.run(15);
    expect(node.status("web")?.restartCount).toBe(1);
    expect(node.noted("kubelet/probe/liveness-kills")).toBe(1);
    expect(node.noted("kubelet/probe/timed-out")).toBeGreaterThanOrEqual(3);
  });

  test("a startup probe that never passes kills it, and a failing readiness probe does not", () => {
    const never = behaviour("never", { startsAfterUs: 3_600_000_000 });
    const node = new TestNode({ behaviours: [never] });
    node.addPod("a", { containers: [container("app", "never", { startupProbe: http })] });
    node.addPod("b", { containers: [container("app", "never", { readinessProbe: http })] });
    node.flushApi();
    node.run(100);
    expect(node.status("a")?.restartCount).toBeGreaterThan(1);
    expect(node.status("b")).toMatchObject({ restartCount: 0, ready: false, started: true });
  });

  test("the first probe waits for its initial delay", () => {
    const node = new TestNode();
    started(node, "web", {
      containers: [container("app", "app", { readinessProbe: { ...http, initialDelaySeconds: 20 } })],
    });
    node.run(10);
    expect(node.isReady("web")).toBe(false);
    node.run(7);
    expect(node.isReady("web")).toBe(true);
  });

  test("a restart of the kubelet does not make a ready pod unready", () => {
    const node = new TestNode();
    const probes = { startupProbe: http, readinessProbe: http, livenessProbe: http };
    started(node, "web", { containers: [container("app", "app", probes)] });
    node.run(20);
    const before = readiness(node).length;
    node.restart("kubelet");
    node.run(60);
    expect(readiness(node).slice(before).every(Boolean)).toBe(true);
    expect(node.isReady("web")).toBe(true);
    expect(node.status("web")?.restartCount).toBe(0);
  });
});

describe("restarts", () => {
  test("a restarted kubelet finds what runs, and leaves it alone", () => {
    const node = started(new TestNode(), "web");
    const before = node.running("web");
    const writes = node.noted("kubelet/status/written");
    node.restart("kubelet");
    node.run(60);
    expect(node.running("web")).toEqual(before);
    expect(node.noted("kubelet/status/written")).toBe(writes);
  });

  test("what was deleted while it was down is stopped, once all pods were told", () => {
    const node = started(new TestNode(), "web");
    started(node, "kept");
    node.crash("kubelet");
    node.api.remove("pods", "default/web");
    node.flushApi();
    node.api.isDown = true;
    node.boot("kubelet");
    node.run(30);
    expect(node.running("web")).toHaveLength(1);
    node.api.isDown = false;
    node.run(90);
    expect(node.containers("web")).toEqual([]);
    expect(node.running("kept")).toHaveLength(1);
    expect(node.noted("kubelet/housekeeping/orphan")).toBe(1);
  });

  test("a runtime that comes back: containerd's containers went on, docker's start again", () => {
    for (const [name, liveRestore, restarts] of [
      ["containerd", false, 0],
      ["docker", true, 0],
      ["docker", false, 1],
      ["rkt", false, 0],
    ] as const) {
      const node = started(new TestNode({ runtime: name, liveRestore }), "web");
      node.crash("runtime");
      node.run(20);
      node.boot("runtime");
      node.run(20);
      expect(node.status("web")).toMatchObject({ ready: true, restartCount: restarts });
      expect(node.running("web")).toHaveLength(1);
    }
  });

  test("a pod that is deleted while the runtime is down is stopped when it is back", () => {
    const node = started(new TestNode({ runtime: "containerd" }), "web");
    node.crash("runtime");
    remove(node, "web");
    node.run(20);
    expect(node.pod("web")).not.toBeNull();
    node.boot("runtime");
    node.run(20);
    expect(node.pod("web")).toBeNull();
    expect(node.running("web")).toEqual([]);
  });

  test("a kubelet that crashes between any two steps of a start comes to one running container", () => {
    for (let steps = 1; steps < 40; steps++) {
      const node = new TestNode({ runtime: steps % 2 === 0 ? "docker" : "containerd" });
      node.addPod("web");
      node.flushApi();
      const before = node.steps;
      node.until(() => node.steps === before + steps, 60);
      node.restart("kubelet");
      node.run(30);
      expect(node.running("web")).toHaveLength(1);
      expect(node.isReady("web")).toBe(true);
      remove(node, "web");
      node.run(20);
      expect([node.pod("web"), node.containers("web")]).toEqual([null, []]);
    }
  });

  test("a runtime that crashes between any two steps of a start does so too", () => {
    for (let steps = 1; steps < 40; steps++) {
      const node = new TestNode({ runtime: "containerd" });
      node.addPod("web");
      node.flushApi();
      const before = node.steps;
      node.until(() => node.steps === before + steps, 60);
      node.restart("runtime");
      node.run(40);
      expect(node.running("web")).toHaveLength(1);
      expect(node.isReady("web")).toBe(true);
    }
  });
});

describe("admission", () => {
  const request = (cpu: string, memory = "0") => ({ resources: { requests: { cpu, memory } } });

  test("what does not fit beside the others is rejected; what has ended holds nothing", () => {
    const node = new TestNode({ behaviours: [DONE] });
    node.addPod("a", { containers: [container("app", "app", request("3"))] });
    node.addPod("b", { containers: [container("app", "app", request("2"))] });
    node.addPod("job", { restartPolicy: "Never", containers: [container("app", "done", request("1"))] });
    node.flushApi();
    node.run(10);
    expect(node.pod("b")?.status).toMatchObject({ phase: "Failed", reason: "OutOfcpu" });
    expect(node.pod("b")?.status?.message).toBe(
      "Pod was rejected: Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000",
    );
    expect(node.pod("a")?.status?.phase).toBe("Running");
    node.addPod("c", { containers: [container("app", "app", request("1"))] });
    node.flushApi();
    node.run(5);
    expect(node.pod("c")?.status?.phase).toBe("Running");
    expect(node.containers("b")).toEqual([]);
  });

  test("a pod that is being terminated holds its resources until it is gone", () => {
    const node = started(new TestNode({ behaviours: [STUBBORN] }), "a", {
      containers: [container("app", "stubborn", request("4"))],
    });
    remove(node, "a", 20);
    node.run(5);
    node.addPod("b", { containers: [container("app", "app", request("1"))] });
    node.flushApi();
    node.run(5);
    expect(node.pod("b")?.status?.reason).toBe("OutOfcpu");
    node.run(15);
    node.addPod("c", { containers: [container("app", "app", request("1"))] });
    node.flushApi();
    node.run(5);
    expect(node.pod("c")?.status?.phase).toBe("Running");
  });

  test("110 pods, and the node's selector and taints", () => {
    const node = new TestNode({}, { allocatable: { cpu: "4", memory: "8Gi", pods: "1" }, labels: { disk: "ssd" } }).run(
      5,
    );
    node.addPod("ssd", { nodeSelector: { disk: "ssd" } });
    node.addPod("hdd", { nodeSelector: { disk: "hdd" } });
    node.addPod("more");
    node.flushApi();
    node.run(5);
    expect(["ssd", "hdd", "more"].map((name) => node.pod(name)?.status?.reason)).toEqual([
      undefined,
      "NodeAffinity",
      "OutOfpods",
    ]);
  });
});

describe("eviction", () => {
  const uses = (image: string, mib: number) => behaviour(image, { memoryBytes: mib * MIB });
  const requests = (memory: string) => ({ resources: { requests: { memory } } });

  test("one pod at a time, who uses most above its request first", () => {
    const node = new TestNode(
      { behaviours: [uses("small", 100), uses("big", 400), uses("asked", 600)] },
      { capacity: { cpu: "4", memory: "1400Mi", pods: "110" } },
    );
    node.addPod("small", { containers: [container("app", "small")] });
    node.addPod("big", { containers: [container("app", "big")] });
    node.addPod("asked", { containers: [container("app", "asked", requests("600Mi"))] });
    node.flushApi();
    node.run(25);
    expect(node.pod("big")?.status).toMatchObject({ phase: "Failed", reason: "Evicted" });
    expect(node.pod("big")?.status?.conditions?.at(-1)).toMatchObject({
      type: "DisruptionTarget",
      reason: "TerminationByKubelet",
    });
    expect([node.running("small").length, node.running("asked").length, node.running("big").length]).toEqual([1, 1, 0]);
    expect(node.noted("kubelet/eviction/evicted")).toBe(1);
  });

  test("memory pressure is told at once, keeps pods without requests away, and goes after five minutes", () => {
    const node = new TestNode(
      { behaviours: [uses("big", 700)] },
      { capacity: { cpu: "4", memory: "1000Mi", pods: "110" } },
    );
    node.addPod("big", { containers: [container("app", "big")] });
    node.flushApi();
    const pressure = () => node.api.get<Node>("nodes", "node-1")!.status?.conditions?.[0]?.status;
    node.run(25);
    expect(pressure()).toBe("True");
    started(node, "best-effort");
    expect(node.pod("best-effort")?.status).toMatchObject({ phase: "Failed", reason: "Evicted" });
    node.run(280);
    expect(pressure()).toBe("True");
    node.run(30);
    expect(pressure()).toBe("False");
  });

  test("critical pods are left alone", () => {
    const node = new TestNode(
      { behaviours: [uses("big", 900)] },
      { capacity: { cpu: "4", memory: "1000Mi", pods: "110" } },
    );
    started(node, "critical", { priority: 2_000_001_000, containers: [container("app", "big")] });
    node.run(60);
    expect(node.pod("critical")?.status?.phase).toBe("Running");
    expect(node.noted("kubelet/eviction/nothing-to-evict")).toBeGreaterThan(0);
  });
});

test("kubelet and runtime keep the contract of a machine", () => {
  const node = new TestNode({ behaviours: [CRASHES, DONE, STUBBORN, MISSING] });
  const probe = { httpGet: { port: 80 } };
  node.addPod("a", {
    initContainers: [container("i", "done")],
    containers: [container("app", "app", { readinessProbe: probe })],
  });
  node.addPod("b", { containers: [container("app", "crashes"), container("x", "missing")] });
  node.addPod("c", { restartPolicy: "Never", containers: [container("app", "done")] });
  node.flushApi();
  node.run(60);
  remove(node, "a");
  node.restart("runtime");
  node.run(60);
  expect(contractBreach(kubelet, node.contractCase("kubelet") as never)).toBeNull();
  expect(contractBreach(runtime, node.contractCase("runtime") as never)).toBeNull();
  expect(mapGet(node.kubelet.state!.workers, "uid-b")?.phase).toBe("sync");
});

describe("a node whose block of addresses comes from a controller", () => {
  const ready = (node: TestNode) =>
    node.api.get<Node>("nodes", "node-1")?.status?.conditions?.find(({ type }) => type === "Ready");
  const withBlock = (node: TestNode, podCIDR: string) => {
    const own = node.api.get<Node>("nodes", "node-1")!;
    node.api.put({ ...own, spec: { ...own.spec, podCIDR, podCIDRs: [podCIDR] } } as Node);
    node.flushApi();
  };

  test("is not ready until it has one, and has pods wait; those of the host's network do not", () => {
    const node = new TestNode({ podCIDR: "" }, { podCIDR: "" });
    started(node, "a");
    started(node, "b", { hostNetwork: true });
    expect(node.api.get<Node>("nodes", "node-1")!.spec?.podCIDR).toBeUndefined();
    expect(ready(node)).toMatchObject({ status: "False", reason: "KubeletNotReady" });
    expect([node.running("a").length, node.running("b").length]).toEqual([0, 1]);
    withBlock(node, "10.244.7.0/24");
    node.run(5);
    expect(ready(node)?.status).toBe("True");
    expect(node.pod("a")?.status?.podIP).toBe("10.244.7.2");
  });

  test("stays ready when kubelet and runtime start anew", () => {
    const node = new TestNode({ podCIDR: "" }, { podCIDR: "" });
    node.run(1);
    withBlock(node, "10.244.7.0/24");
    node.run(5);
    const since = ready(node)?.lastTransitionTime;
    node.restart("kubelet");
    node.run(15);
    node.restart("runtime");
    node.run(15);
    expect(ready(node)).toMatchObject({ status: "True", lastTransitionTime: since });
    expect(node.noted("kubelet/network/block-passed-on")).toBe(1);
  });
});
