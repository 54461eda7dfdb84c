import { describe, expect, test } from "vitest";
import { mapSet, orderedMapFrom } from "../../models/kernel/index.ts";
import { flowKey } from "../../models/proxy/index.ts";
import type { Flow, PortRule } from "../../models/proxy/types.ts";
import { ClusterDrill, type Loose, objectOf, podOf } from "../cluster/testing.ts";
import { nodeBlocksAreDisjoint } from "./node-blocks-are-disjoint.ts";
import { nothingIsLeaked } from "./nothing-is-leaked.ts";
import { readyEndpointsAreReadyPods } from "./ready-endpoints-are-ready-pods.ts";
import { rulesFollowSlices } from "./rules-follow-slices.ts";
import { rulesHaveRealEndpoints } from "./rules-have-real-endpoints.ts";
import { serviceAddressesAreUnique } from "./service-addresses-are-unique.ts";
import { servicesAnswer } from "./services-answer.ts";
import { networkSituations } from "./sometimes/index.ts";

const node = (name: string, podCIDR?: string) =>
  objectOf("Node", name, { spec: podCIDR === undefined ? {} : { podCIDR } });

describe("blocks of nodes (S43)", () => {
  test("each has its own", () => {
    const run = new ClusterDrill(nodeBlocksAreDisjoint).put(node("a", "10.244.0.0/24")).put(node("b"));
    expect(run.put(node("b", "10.244.1.0/24")).violated).toBeNull();
    expect(run.remove(node("a")).put(node("c", "10.244.0.0/24")).violated).toBeNull();
  });

  test("two have one, or one lies in the other", () => {
    const run = () => new ClusterDrill(nodeBlocksAreDisjoint).put(node("a", "10.244.0.0/24"));
    expect(run().put(node("b", "10.244.0.0/24")).violated).toMatch(/nodes a .* and b .* overlap/);
    expect(run().put(node("b", "10.244.0.0/16")).violated).toMatch(/overlap/);
  });
});

const service = (name: string, spec: Loose = {}) =>
  objectOf("Service", name, {
    spec: { type: "ClusterIP", clusterIP: "10.96.0.9", ports: [{ port: 80, protocol: "TCP" }], ...spec },
  });

describe("addresses of services (S44)", () => {
  const drill = () => new ClusterDrill(serviceAddressesAreUnique);
  const ported = (name: string, clusterIP: string, ...ports: readonly Loose[]) =>
    service(name, {
      type: "NodePort",
      clusterIP,
      ports: ports.map((port) => ({ port: 80, protocol: "TCP", ...port })),
    });

  test("none has what another has", () => {
    const run = drill()
      .put(ported("a", "10.96.0.9", { nodePort: 30_080 }))
      .put(ported("b", "10.96.0.10", { nodePort: 30_080, protocol: "UDP" }))
      .put(service("c", { clusterIP: "None" }))
      .put(service("d", { clusterIP: "None" }));
    run.put(ported("a", "10.96.0.9", { nodePort: 30_081 })).put(ported("e", "10.96.0.11", { nodePort: 30_080 }));
    expect(run.violated).toBeNull();
    expect(run.remove(service("a")).put(service("f")).violated).toBeNull();
  });

  test("an address, a port, or a health check's port twice", () => {
    expect(drill().put(service("a")).put(service("b")).violated).toBe(
      "services default/a and default/b both have the address 10.96.0.9",
    );
    const run = drill().put(ported("a", "10.96.0.1", { nodePort: 30_080 }));
    expect(run.put(ported("b", "10.96.0.2", { nodePort: 30_080 })).violated).toMatch(/the node port 30080\/TCP/);
    const checked = service("b", { clusterIP: "10.96.0.2", type: "LoadBalancer", healthCheckNodePort: 30_080 });
    expect(
      drill()
        .put(ported("a", "10.96.0.1", { nodePort: 30_080 }))
        .put(checked).violated,
    ).toMatch(/30080\/TCP/);
  });
});

const slice = (...endpoints: readonly (readonly [address: string, state: string, uid?: string])[]) =>
  objectOf("EndpointSlice", "web-x", {
    metadata: {
      labels: {
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
      },
    },
    addressType: "IPv4",
    endpoints: endpoints.map(([address, state, uid = `Pod-${address}`]) => ({
      addresses: [address],
      conditions: { ready: state === "ready", serving: state !== "dead", terminating: state !== "ready" },
      nodeName: "node-1",
      targetRef: { kind: "Pod", namespace: "default", name: address, uid },
    })),
    ports: [{ name: "", port: 8080, protocol: "UDP" }],
  });
const pod = (address: string, more: Loose = {}) =>
  podOf(address, { node: "node-1", ...more, status: { podIP: address, ...more.status } });

describe("ready endpoints (S45)", () => {
  const drill = () => new ClusterDrill(readyEndpointsAreReadyPods).put(service("web")).put(pod("10.0.0.1"));

  test("the pod is or was ready with that address", () => {
    expect(drill().put(slice(["10.0.0.1", "ready"])).violated).toBeNull();
    expect(
      drill()
        .put(pod("10.0.0.1", { ready: false }))
        .put(slice(["10.0.0.1", "ready"])).violated,
      "the cache may be behind",
    ).toBeNull();
    expect(drill().put(slice(["10.0.0.2", "leaving"])).violated, "not said to be ready").toBeNull();
  });

  test("no such pod, another UID, never ready, another address", () => {
    expect(drill().put(slice(["10.0.0.2", "ready"])).violated).toMatch(/there has been no such pod/);
    expect(drill().put(slice(["10.0.0.1", "ready", "other"])).violated).toMatch(/there has been no such pod/);
    const unready = drill().put(pod("10.0.0.2", { ready: false }));
    expect(unready.put(slice(["10.0.0.2", "ready"])).violated).toMatch(/never been ready/);
    const moved = drill().put(podOf("10.0.0.3", { node: "node-1", status: { podIP: "10.0.0.4" } }));
    expect(moved.put(slice(["10.0.0.3", "ready"])).violated).toMatch(/never been ready with that address/);
    const deleted = drill().put(pod("10.0.0.5", { deleting: true }));
    expect(deleted.put(slice(["10.0.0.5", "ready"])).violated).toMatch(/never been ready/);
  });
});

const rule = (cluster: readonly string[], more: Partial<PortRule> = {}): PortRule => ({
  service: "default/web",
  portName: "",
  protocol: "UDP",
  clusterIP: "10.96.0.9",
  port: 80,
  nodePort: 0,
  externalIPs: [],
  loadBalancerIPs: [],
  sourceRanges: [],
  affinityUs: 0,
  internalLocal: false,
  externalLocal: false,
  cluster: cluster.map((ip) => ({ ip, port: 8080, node: "node-1", pod: `Pod-${ip}` })),
  local: [],
  hasAny: true,
  serving: cluster,
  ...more,
});
const flow = (to: string | null, destination = "10.96.0.9"): Flow => ({
  tuple: { protocol: "UDP", source: "10.0.1.1", sourcePort: 7, destination, destinationPort: 80 },
  target: to === null ? null : { ip: to, port: 8080, node: "node-1", pod: "" },
  replied: true,
  at: 0,
});

/** A proxy that has synced at the latest version. */
function synced(drill: ClusterDrill, rules: readonly PortRule[], ...flows: readonly Flow[]): ClusterDrill {
  const before = (drill.process("proxy-1").state as Loose).syncs ?? 0;
  return drill.step("proxy-1", {
    syncs: before + 1,
    syncedVersions: { services: drill.revision, slices: drill.revision },
    config: { node: "node-1", address: "192.168.0.1" },
    kernel: {
      rules: orderedMapFrom(rules.length === 0 ? [] : [["default/web", rules]]),
      flows: flows.reduce((map, one) => mapSet(map, flowKey(one.tuple), one), orderedMapFrom<Flow>([])),
    },
  });
}
const PROCESSES = ["m1", "m2", "api-1", "controller-manager-1", "proxy-1", "client-1"];

describe("rules and flows after a sync (S46)", () => {
  const drill = () =>
    new ClusterDrill(rulesHaveRealEndpoints, PROCESSES)
      .put(service("web"))
      .put(slice(["10.0.0.1", "ready"], ["10.0.0.2", "leaving"], ["10.0.0.3", "dead"]));

  test("to what is there", () => {
    expect(synced(drill(), [rule(["10.0.0.1", "10.0.0.2"])], flow("10.0.0.2")).violated).toBeNull();
    expect(synced(drill(), [rule(["10.0.0.1"])], flow(null, "10.0.0.77")).violated, "a packet of nobody's").toBeNull();
  });

  test("a rule to what is not, or is another pod's", () => {
    expect(synced(drill(), [rule(["10.0.0.3"])]).violated).toMatch(/no endpoint that may be used/);
    const other = rule(["10.0.0.1"], { cluster: [{ ip: "10.0.0.1", port: 1, node: "node-1", pod: "old" }] });
    expect(synced(drill(), [other]).violated).toMatch(/of pod old, which is pod Pod-10.0.0.1's/);
  });

  test("a flow of datagrams to what does not serve, at zero endpoints too", () => {
    expect(synced(drill(), [rule(["10.0.0.1"])], flow("10.0.0.3")).violated).toMatch(/which serves no more/);
    expect(synced(drill().put(slice()), [rule([])], flow("10.0.0.1")).violated).toMatch(/which serves no more/);
    expect(synced(drill(), [], flow("10.0.0.1")).violated).toMatch(/which is no service's/);
  });

  test("what came after its version does not count", () => {
    const run = drill();
    const at = run.revision;
    run.put(slice());
    run.step("proxy-1", {
      syncs: 1,
      syncedVersions: { services: at, slices: at },
      config: { address: "192.168.0.1" },
      kernel: { rules: orderedMapFrom([["default/web", [rule(["10.0.0.1"])]]]), flows: orderedMapFrom([]) },
    });
    expect(run.violated).toBeNull();
  });
});

describe("rules follow slices (L10)", () => {
  const drill = () => new ClusterDrill(rulesFollowSlices, PROCESSES).put(service("web"));

  test("ready ones, or those that leave; nothing of what is gone", () => {
    const run = drill().put(slice(["10.0.0.1", "ready"], ["10.0.0.2", "leaving"]));
    expect(synced(run, [rule(["10.0.0.1"])]).pending).toBeNull();
    expect(synced(run.put(slice(["10.0.0.2", "leaving"])), [rule(["10.0.0.2"])]).pending).toBeNull();
    expect(run.remove(service("web")).pending).toMatch(/rules of default\/web, which is gone/);
  });

  test("pending while they differ", () => {
    const run = drill().put(slice(["10.0.0.1", "ready"]));
    expect(synced(run, []).pending).toBe("proxy-1: it has rules of 0 of 1 ports of default/web");
    expect(synced(run, [rule(["10.0.0.2"])]).pending).toMatch(/goes to 10.0.0.2, and should to 10.0.0.1/);
  });
});

describe("services answer (L11)", () => {
  const plan = {
    name: "web",
    target: { kind: "service", namespace: "default", name: "web" },
    protocol: "UDP",
    port: 80,
    times: 0,
  };
  const result = (number: number, outcome: string, uid = "Pod-10.0.0.1") => ({
    number,
    plan: "web",
    outcome,
    pod: outcome === "answered" ? uid : "",
  });
  const drill = (...results: readonly Loose[]) =>
    new ClusterDrill(servicesAnswer, PROCESSES)
      .put(service("web"))
      .put(slice(["10.0.0.1", "ready"]))
      .step("client-1", { config: { plans: [plan] }, results });

  test("the last three were answered by its endpoints", () => {
    const good = [1, 2, 3, 4].map((number) => result(number, number === 1 ? "timedOut" : "answered"));
    expect(drill(...good).pending).toBeNull();
    expect(drill().put(slice(["10.0.0.1", "leaving"])).pending, "no ready endpoint").toBeNull();
  });

  test("pending while they are not", () => {
    expect(drill().pending).toBe("client-1: web has 0 results");
    expect(drill(result(1, "answered"), result(2, "timedOut")).pending).toMatch(
      /request 2 of web .* ended as timedOut/,
    );
    expect(drill(result(1, "answered", "stranger")).pending).toMatch(/by pod stranger, which is no endpoint/);
  });
});

describe("nothing is leaked (L15)", () => {
  const range = (data: string) => ({
    apiVersion: "v1",
    kind: "RangeAllocation",
    metadata: { name: "serviceips" },
    range: "x",
    data,
  });
  const withRange = (run: ClusterDrill, data: string): ClusterDrill => {
    const member = run.process("m1").state as Loose;
    const { application } = member.raft;
    const keys = mapSet(application.keys, "/registry/ranges/serviceips", [
      { value: JSON.stringify(range(data)), version: 1 },
    ]);
    return run.step("m1", {
      raft: { ...member.raft, application: { ...application, revision: application.revision + 1, keys } },
    });
  };
  const managed = (run: ClusterDrill, state: Loose): ClusterDrill =>
    run.step("controller-manager-1", { phase: "leading", slots: [{ name: "node-ipam", started: true, state }] });
  const drill = () => new ClusterDrill(nothingIsLeaked, PROCESSES).put(service("web"));

  test("as many are marked as are held", () => {
    expect(withRange(drill(), "Ag==").pending).toBeNull();
    expect(withRange(drill(), "Bg==").pending).toBe("serviceips: 2 are marked, and services hold 1");
    expect(drill().pending, "there are no ranges").toBeNull();
  });

  test("blocks of nodes that are gone, and of those that have none", () => {
    const none = { reserved: orderedMapFrom([]), known: orderedMapFrom([]) };
    expect(managed(drill(), none).pending).toBeNull();
    expect(managed(drill(), { ...none, reserved: orderedMapFrom([["a", "10.244.0.0/24"]]) }).pending).toMatch(
      /reserved for node a/,
    );
    const known = orderedMapFrom([["a", { uid: "", blocks: ["10.244.0.0/24"] }]]);
    expect(managed(drill(), { ...none, known }).pending).toMatch(/occupied for node a, which is gone/);
    expect(managed(drill().put(node("a")), { ...none, known }).pending).toBe("node a has no block");
  });
});

test("situations are reached by what they are called after", () => {
  const named = (id: string) => networkSituations.find((one) => one.id === `network/sometimes/${id}`)!;
  const cleared = new ClusterDrill(named("flow-to-a-removed-endpoint-cleared"), PROCESSES);
  expect(cleared.note("proxy-1", "proxy/sync/full").reached).toBe(false);
  expect(cleared.note("proxy-1", "proxy/conntrack/flow-to-a-removed-endpoint-cleared").reached).toBe(true);
  const changed = new ClusterDrill(named("type-of-a-service-changed"), PROCESSES).put(service("a"));
  expect(changed.put(service("a", { externalIPs: ["1.1.1.1"] })).reached).toBe(false);
  expect(changed.put(service("a", { type: "NodePort" })).reached).toBe(true);
});
