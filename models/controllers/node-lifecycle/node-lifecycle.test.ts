import { describe, expect, test } from "vitest";
import type { Condition, KubeObject, Lease, Node, Pod } from "../../machinery/kinds/index.ts";
import { microTimeOf, timeOf } from "../../machinery/time.ts";
import { Drill } from "../testing/drill.ts";
import { nodeLifecycle } from "./index.ts";
import { zoneState } from "./zones.ts";

const SECOND = 1_000_000;

function node(name: string, ready: Condition["status"] | null = "True", zone = "a"): Node {
  const conditions: Condition[] =
    ready === null
      ? []
      : [{ type: "Ready", status: ready, lastHeartbeatTime: timeOf(0), lastTransitionTime: timeOf(0) }];
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "topology.kubernetes.io/zone": zone } },
    status: { conditions },
  };
}

function pod(name: string, nodeName: string): Pod {
  const conditions: Condition[] = [{ type: "Ready", status: "True" }];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { nodeName, containers: [] },
    status: { phase: "Running", conditions },
  };
}

class Cluster {
  readonly drill = new Drill(nodeLifecycle);
  constructor(...objects: readonly KubeObject[]) {
    for (const object of objects) this.drill.api.put(object);
    this.drill.deliver();
    this.drill.start();
    this.drill.settle();
  }
  /** Time passes in steps of a second, while these nodes renew their leases. */
  pass(seconds: number, ...alive: readonly string[]): void {
    for (let i = 0; i < seconds; i++) {
      for (const name of alive) this.renew(name);
      this.drill.advance(SECOND);
      this.drill.settle();
    }
  }
  renew(name: string): void {
    const lease: Lease = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name, namespace: "kube-node-lease" },
      spec: { holderIdentity: name, renewTime: microTimeOf(this.drill.wall) },
    };
    this.drill.api.put(lease);
  }
  ready(name: string): string | undefined {
    return this.node(name).status?.conditions?.find(({ type }) => type === "Ready")?.status;
  }
  node(name: string): Node {
    return this.drill.api.get<Node>("nodes", name)!;
  }
  taints(name: string): readonly string[] {
    return (this.node(name).spec?.taints ?? []).map(({ key, effect }) => `${key.split("/")[1]}:${effect}`).sort();
  }
  podReady(name: string): string | undefined {
    return this.drill.api.get<Pod>("pods", `default/${name}`)?.status?.conditions?.[0]?.status;
  }
}

describe("node lifecycle", () => {
  test("a silent node is unknown after 50 s of local time, is tainted, and its pods are not ready", () => {
    const cluster = new Cluster(node("one"), node("two"), pod("a", "one"), pod("b", "two"));
    cluster.pass(49, "two");
    expect(cluster.ready("one")).toBe("True");
    cluster.pass(7, "two");
    expect(cluster.ready("one")).toBe("Unknown");
    expect(cluster.taints("one")).toEqual(["unreachable:NoExecute", "unreachable:NoSchedule"]);
    expect(cluster.podReady("a")).toBe("False");
    expect(cluster.ready("two")).toBe("True");
    expect(cluster.podReady("b")).toBe("True");
  });

  test("a node that renews its lease is alive, whatever the times in it say", () => {
    const cluster = new Cluster(node("one"), node("two"));
    cluster.pass(120, "one", "two");
    expect(cluster.ready("one")).toBe("True");
    expect(cluster.drill.requests).toEqual([]);
  });

  test("a node that has never said anything has 60 s", () => {
    const cluster = new Cluster(node("one", null), node("two"));
    cluster.pass(58, "two");
    expect(cluster.ready("one")).toBeUndefined();
    cluster.pass(8, "two");
    expect(cluster.ready("one")).toBe("Unknown");
    expect(cluster.node("one").status?.conditions?.map(({ type }) => type)).toEqual([
      "Ready",
      "MemoryPressure",
      "DiskPressure",
      "PIDPressure",
    ]);
  });

  test("a node that recovers loses its taints", () => {
    const cluster = new Cluster(node("one"), node("two"));
    cluster.pass(60, "two");
    expect(cluster.taints("one")).toContain("unreachable:NoExecute");
    cluster.drill.api.edit<Node>("nodes", "one", (one) => ({
      ...one,
      status: { conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: timeOf(cluster.drill.wall) }] },
    }));
    cluster.pass(6, "one", "two");
    expect(cluster.taints("one")).toEqual([]);
  });

  test("a node that says it is not ready is tainted not-ready, and swaps when it falls silent", () => {
    const cluster = new Cluster(node("one", "False"), node("two"));
    cluster.pass(1, "one", "two");
    expect(cluster.taints("one")).toEqual(["not-ready:NoExecute", "not-ready:NoSchedule"]);
    cluster.pass(60, "two");
    expect(cluster.taints("one")).toEqual(["unreachable:NoExecute", "unreachable:NoSchedule"]);
  });

  test("one node in 10 s", () => {
    const all = ["n1", "n2", "n3", "n4", "n5", "n6", "n7"];
    const cluster = new Cluster(...all.map((name) => node(name)));
    cluster.pass(56, "n4", "n5", "n6", "n7");
    const tainted = () => all.filter((name) => cluster.taints(name).includes("unreachable:NoExecute")).length;
    expect(tainted()).toBe(1);
    cluster.pass(8, "n4", "n5", "n6", "n7");
    expect(tainted()).toBe(1);
    cluster.pass(2, "n4", "n5", "n6", "n7");
    expect(tainted()).toBe(2);
    cluster.pass(10, "n4", "n5", "n6", "n7");
    expect(tainted()).toBe(3);
  });

  test("with no node left nothing is tainted for eviction, and pods are left ready", () => {
    const cluster = new Cluster(node("one"), node("two", "True", "b"), pod("a", "one"));
    cluster.pass(90);
    expect(cluster.ready("one")).toBe("Unknown");
    expect(cluster.taints("one")).toEqual(["unreachable:NoSchedule"]);
    expect(cluster.taints("two")).toEqual(["unreachable:NoSchedule"]);
    expect(cluster.podReady("a")).toBe("True");
    // One comes back: the other gets its grace again, and only then is tainted.
    cluster.drill.api.edit<Node>("nodes", "two", (two) => ({
      ...two,
      status: { conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: timeOf(cluster.drill.wall) }] },
    }));
    cluster.pass(20, "two");
    expect(cluster.podReady("a")).toBe("False");
    expect(cluster.taints("one")).toEqual(["unreachable:NoExecute", "unreachable:NoSchedule"]);
  });

  test("pods of a node that was unknown before this controller came are marked", () => {
    const cluster = new Cluster(node("one", "Unknown"), node("two"), pod("a", "one"));
    expect(cluster.podReady("a")).toBe("False");
  });

  test("conditions and unschedulable become taints, and go with them", () => {
    const base = node("one");
    const cluster = new Cluster({
      ...base,
      spec: { unschedulable: true },
      status: { conditions: [...base.status!.conditions!, { type: "MemoryPressure", status: "True" }] },
    } as Node);
    expect(cluster.taints("one")).toEqual(["memory-pressure:NoSchedule", "unschedulable:NoSchedule"]);
    cluster.drill.api.edit<Node>("nodes", "one", ({ spec, ...one }) => ({ ...one, spec: { taints: spec!.taints! } }));
    cluster.drill.settle();
    expect(cluster.taints("one")).toEqual(["memory-pressure:NoSchedule"]);
  });

  test.each([
    [3, 0, "normal"],
    [0, 1, "full"],
    [5, 2, "normal"],
    [1, 2, "normal"],
    [2, 3, "partial"],
    [3, 3, "normal"],
    [9, 11, "partial"],
  ] as const)("%i ready and %i not: %s", (ready, notReady, state) => {
    expect(zoneState({ ready, notReady }, 55)).toBe(state);
  });
});
