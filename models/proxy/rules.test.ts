import { describe, expect, test } from "vitest";
import { deepFreeze } from "../kernel/index.ts";
import type { Endpoint, EndpointSlice, Service, ServiceSpec } from "../machinery/kinds/index.ts";
import { endpointsOf, type Place, topologyMode } from "./endpoints.ts";
import { frontendsOf, healthCheckAnswer, rulesOf } from "./rules.ts";

const HERE: Place = { node: "node-1", zone: "a" };

function service(spec: Partial<ServiceSpec> = {}, status: Service["status"] = {}): Service {
  return deepFreeze({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: { type: "ClusterIP", clusterIP: "10.96.0.9", ports: [{ name: "http", port: 80, protocol: "TCP" }], ...spec },
    status,
  });
}

type State = "ready" | "leaving" | "serving" | "unready" | "leaving unready";

function endpoint(
  last: number,
  state: State = "ready",
  more: Partial<Endpoint> & Record<string, unknown> = {},
): Endpoint {
  return {
    addresses: [`10.244.1.${last}`],
    conditions: {
      ready: state === "ready",
      serving: state === "ready" || state === "leaving" || state === "serving",
      terminating: state.startsWith("leaving"),
    },
    nodeName: "node-1",
    targetRef: { kind: "Pod", uid: `pod-${last}` },
    ...more,
  };
}

const away = { nodeName: "node-2" };

function slice(endpoints: readonly Endpoint[], name = "http", port = 8080): EndpointSlice {
  return deepFreeze({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `web-${name}-${endpoints.length}`, namespace: "default" },
    addressType: "IPv4",
    endpoints,
    ports: [{ name, port, protocol: "TCP" }],
  });
}

function sides(spec: Partial<ServiceSpec>, endpoints: readonly Endpoint[], place = HERE) {
  const [rule] = rulesOf(service(spec), [slice(endpoints)], place);
  const last = (targets: readonly { readonly ip: string }[]) => targets.map(({ ip }) => Number(ip.split(".")[3]));
  return { cluster: last(rule!.cluster), local: last(rule!.local), hasAny: rule!.hasAny };
}

const LOCAL_LB: Partial<ServiceSpec> = {
  type: "LoadBalancer",
  externalTrafficPolicy: "Local",
  ports: [{ name: "http", port: 80, nodePort: 30_080 }],
};

describe("endpoints (topology_test.go)", () => {
  test.each<[string, Partial<ServiceSpec>, readonly Endpoint[], ReturnType<typeof sides>]>([
    ["no endpoints", {}, [], { cluster: [], local: [], hasAny: false }],
    [
      "all ready ones, wherever they are",
      {},
      [endpoint(2), endpoint(3, "unready"), endpoint(4, "ready", away)],
      { cluster: [2, 4], local: [], hasAny: true },
    ],
    [
      "a ready one keeps those that leave out",
      {},
      [endpoint(2), endpoint(3, "leaving")],
      { cluster: [2], local: [], hasAny: true },
    ],
    [
      "none ready: those that serve while they leave",
      {},
      [endpoint(2, "unready"), endpoint(3, "leaving"), endpoint(4, "leaving unready"), endpoint(5, "serving")],
      { cluster: [3], local: [], hasAny: true },
    ],
    [
      "policies apart: local ones leave, others are ready",
      { ...LOCAL_LB },
      [endpoint(2, "leaving"), endpoint(3, "ready", away)],
      { cluster: [3], local: [2], hasAny: true },
    ],
    [
      "internal traffic stays on the node",
      { internalTrafficPolicy: "Local" },
      [endpoint(2), endpoint(3, "ready", away)],
      { cluster: [], local: [2], hasAny: true },
    ],
    [
      "internal, and none here: there are some elsewhere",
      { internalTrafficPolicy: "Local" },
      [endpoint(3, "ready", away)],
      { cluster: [], local: [], hasAny: true },
    ],
    [
      "both policies local: the cluster's are for the short cut of external addresses",
      { ...LOCAL_LB, internalTrafficPolicy: "Local" },
      [endpoint(2), endpoint(3, "ready", away)],
      { cluster: [2, 3], local: [2], hasAny: true },
    ],
  ])("%s", (_, spec, endpoints, expected) => expect(sides(spec, endpoints)).toEqual(expected));

  const hinted = (last: number, zones: readonly string[], nodes: readonly string[] = []) =>
    endpoint(last, "ready", {
      hints: {
        forZones: zones.map((name) => ({ name })),
        forNodes: nodes.map((name) => ({ name })),
      } as Endpoint["hints"] & object,
    });

  test("hints of zones count only if all have them and one is for this zone", () => {
    expect(sides({}, [hinted(2, ["a"]), hinted(3, ["b"])]).cluster).toEqual([2]);
    expect(sides({}, [hinted(2, ["a"]), endpoint(3)]).cluster).toEqual([2, 3]);
    expect(sides({}, [hinted(2, ["c"]), hinted(3, ["b"])]).cluster).toEqual([2, 3]);
    expect(sides({}, [hinted(2, ["a"]), hinted(3, ["b"])], { node: "node-1", zone: "" }).cluster).toEqual([2, 3]);
    // One that is not ready needs none.
    expect(sides({}, [hinted(2, ["a"]), endpoint(3, "unready")]).cluster).toEqual([2]);
  });

  test("hints of nodes go before those of zones (PreferSameNode)", () => {
    const both = [hinted(2, ["a"], ["node-1"]), hinted(3, ["a"], ["node-2"])];
    expect(sides({}, both).cluster).toEqual([2]);
    expect(sides({}, both, { node: "node-9", zone: "a" }).cluster).toEqual([2, 3]);
    expect(topologyMode([], HERE)).toBe("");
  });

  test("of two slices that say one address the one that is of use counts, in any order (kubernetes#135593)", () => {
    const old = slice([endpoint(2, "leaving unready", { targetRef: { kind: "Pod", uid: "old" } })]);
    const fresh = slice([endpoint(2, "ready", { targetRef: { kind: "Pod", uid: "fresh" } }), endpoint(3)]);
    for (const slices of [
      [old, fresh],
      [fresh, old],
    ])
      expect(endpointsOf(slices, "http", "TCP", HERE).map(({ target, ready }) => [target.pod, ready])).toEqual([
        ["fresh", true],
        ["pod-3", true],
      ]);
  });

  test("other ports, protocols and families are not of this port", () => {
    const ipv6: EndpointSlice = { ...slice([endpoint(2)]), addressType: "IPv6" };
    expect(endpointsOf([slice([endpoint(2)], "metrics"), ipv6], "http", "TCP", HERE)).toEqual([]);
    expect(endpointsOf([slice([endpoint(2)])], "http", "UDP", HERE)).toEqual([]);
  });

  test("what is not said is ready and serving, and does not terminate", () => {
    const [info] = endpointsOf([slice([{ addresses: ["10.244.1.2"] }])], "http", "TCP", HERE);
    expect(info).toMatchObject({ ready: true, serving: true, terminating: false, isLocal: false });
  });
});

describe("rules", () => {
  test("none for headless services and ExternalName", () => {
    expect(rulesOf(service({ clusterIP: "None" }), [], HERE)).toEqual([]);
    expect(rulesOf(service({ type: "ExternalName" }), [], HERE)).toEqual([]);
    expect(rulesOf(service({ clusterIP: "" }), [], HERE)).toEqual([]);
  });

  test("where they listen", () => {
    const status = {
      loadBalancer: { ingress: [{ ip: "203.0.113.5" }, { ip: "203.0.113.6", ipMode: "Proxy" }, { hostname: "x" }] },
    };
    const ports = [{ name: "http", port: 80, nodePort: 30_080, protocol: "TCP" as const }];
    const [rule] = rulesOf(service({ ...LOCAL_LB, ports, externalIPs: ["198.51.100.1"] }, status), [], HERE);
    expect(frontendsOf(rule!)).toEqual([
      "TCP 10.96.0.9:80",
      "TCP 198.51.100.1:80",
      "TCP 203.0.113.5:80",
      "TCP *:30080",
    ]);
  });

  test("affinity lasts three hours where nothing else is said", () => {
    const affinity = (spec: Partial<ServiceSpec>) => rulesOf(service(spec), [], HERE)[0]!.affinityUs / 1_000_000;
    expect(affinity({ sessionAffinity: "ClientIP" })).toBe(10_800);
    expect(affinity({ sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } })).toBe(
      5,
    );
    expect(affinity({ sessionAffinity: "None" })).toBe(0);
  });

  test("all that serve may keep their flows, whatever the policies say", () => {
    const endpoints = [endpoint(2, "leaving"), endpoint(3), endpoint(4, "unready"), endpoint(5, "ready", away)];
    const [rule] = rulesOf(service({ internalTrafficPolicy: "Local" }), [slice(endpoints)], HERE);
    expect(rule!.serving).toEqual(["10.244.1.2", "10.244.1.3", "10.244.1.5"]);
  });

  test("the health check port knows ready endpoints of the node alone", () => {
    const answer = (...endpoints: readonly Endpoint[]) =>
      healthCheckAnswer(service(LOCAL_LB), [slice(endpoints)], HERE);
    expect(answer(endpoint(2))).toBe(200);
    expect(answer(endpoint(2, "ready", away))).toBe(503);
    expect(answer(endpoint(2, "leaving"))).toBe(503);
  });
});
