import { describe, expect, test } from "vitest";
import { contractBreach, type Input } from "../kernel/index.ts";
import { API_DEFAULTS } from "../machinery/client/api.ts";
import type { EndpointSlice, KubeObject, Node, Service, ServiceSpec } from "../machinery/kinds/index.ts";
import { NetworkBench } from "../machinery/net/testing/bench.ts";
import { PROXY_DEFAULTS, proxy, proxyInformers } from "../proxy/index.ts";
import {
  DNS_INFORMERS,
  dnsServer,
  type NetworkMessage,
  nodeFor,
  overlap,
  podAt,
  TRAFFIC_CLIENT_DEFAULTS,
  type TrafficClientConfig,
  type TrafficClientState,
  type TrafficClientTypes,
  type TrafficPlan,
  trafficClient,
} from "./index.ts";

const SECOND = 1_000_000;
const api = (id: string) => ({ ...API_DEFAULTS, id, user: id, servers: ["api-1"] });

const plan = (changes: Partial<TrafficPlan>): TrafficPlan => ({
  name: "plan",
  target: { kind: "service", namespace: "default", name: "web" },
  protocol: "TCP",
  port: 80,
  startsAfterUs: 2 * SECOND,
  everyUs: SECOND,
  times: 4,
  requestsPerFlow: 1,
  ...changes,
});

/** Two nodes with proxies, a server of names, and pods by address: what each is, null where it is gone. */
class Net extends NetworkBench {
  readonly pods = new Map<string, string>();

  constructor() {
    super();
    for (const number of [1, 2]) {
      const node: Node = {
        apiVersion: "v1",
        kind: "Node",
        metadata: { name: `node-${number}` },
        spec: { podCIDR: `10.244.${number}.0/24`, podCIDRs: [`10.244.${number}.0/24`] },
        status: { addresses: [{ type: "InternalIP", address: `192.168.0.${number}` }] },
      };
      this.api.put(node);
      this.stubs.set(`runtime-${number}`, (_, message: Extract<NetworkMessage, { kind: "netDeliver" }>) => {
        const { packet, client, address } = message;
        const pod = this.pods.get(address);
        if (pod === undefined) return null;
        const isStrange = packet.tuple.protocol === "TCP" && packet.step === "data" && packet.peer !== pod;
        return { kind: "netDelivered", packet, client, outcome: isStrange ? "reset" : "answered", pod, peer: pod };
      });
      this.start(`proxy-${number}`, proxy, {
        ...PROXY_DEFAULTS,
        id: `proxy-${number}`,
        node: `node-${number}`,
        api: { ...api(`proxy-${number}`), informers: proxyInformers() },
        address: `192.168.0.${number}`,
        runtimes: { "node-1": "runtime-1", "node-2": "runtime-2" },
        clusterCIDR: "10.244.0.0/16",
      });
    }
    this.api.put({ apiVersion: "v1", kind: "Namespace", metadata: { name: "default" } } as KubeObject);
    this.start("dns-1", dnsServer, {
      kind: "dns",
      id: "dns-1",
      domain: "cluster.local",
      api: { ...api("dns-1"), informers: DNS_INFORMERS },
    });
  }

  service(spec: Partial<ServiceSpec>): this {
    const service: Service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", namespace: "default" },
      spec: { type: "ClusterIP", clusterIP: "10.96.0.9", ports: [{ name: "p", port: 80, protocol: "TCP" }], ...spec },
    };
    this.api.put(service);
    return this;
  }

  endpoints(...addresses: readonly string[]): this {
    const slice: EndpointSlice = {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: "web-x", namespace: "default", labels: { "kubernetes.io/service-name": "web" } },
      addressType: "IPv4",
      endpoints: addresses.map((address) => ({
        addresses: [address],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: address.startsWith("10.244.1.") ? "node-1" : "node-2",
      })),
      ports: ["TCP", "UDP"].map((protocol) => ({ name: "p", protocol, port: 8080 })),
    };
    this.api.put(slice);
    for (const address of addresses) this.pods.set(address, `pod-${address}`);
    return this;
  }

  client(plans: readonly TrafficPlan[], changes: Partial<TrafficClientConfig> = {}): TrafficClientConfig {
    const config: TrafficClientConfig = {
      ...TRAFFIC_CLIENT_DEFAULTS,
      id: "client-1",
      address: "10.244.1.200",
      networks: [{ id: "proxy-1", address: "192.168.0.1" }],
      dns: "dns-1",
      plans,
      ...changes,
    };
    this.start("client-1", trafficClient, config);
    return config;
  }

  get results(): TrafficClientState["results"] {
    return (this.state("client-1") as TrafficClientState).results;
  }

  outcomes(): readonly string[] {
    return this.results.map(({ outcome, pod }) => pod || outcome);
  }
}

describe("traffic", () => {
  test("a service is called by its name, each time over a connection of its own", () => {
    const net = new Net().service({}).endpoints("10.244.1.2", "10.244.2.3");
    net.client([plan({ times: 12 })]);
    net.run(20 * SECOND);
    expect(new Set(net.outcomes())).toEqual(new Set(["pod-10.244.1.2", "pod-10.244.2.3"]));
    expect(net.results).toHaveLength(12);
    expect(net.results.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(net.state("proxy-1").kernel.flows.size, "all are closed").toBe(0);
  });

  test("a headless service is called at its endpoints themselves", () => {
    const net = new Net().service({ clusterIP: "None" }).endpoints("10.244.1.2", "10.244.2.3");
    net.client([plan({ port: 8080 })]);
    net.run(10 * SECOND);
    expect(net.results.map(({ tuple }) => tuple.destination)).toContain("10.244.2.3");
    expect(new Set(net.outcomes()).size).toBe(2);
  });

  test("no such name; nobody there; a service without endpoints", () => {
    const net = new Net().service({});
    net.client([
      plan({ name: "name", target: { kind: "service", namespace: "default", name: "gone" } }),
      plan({ name: "address", target: { kind: "address", address: "10.244.2.99" } }),
      plan({ name: "empty" }),
    ]);
    net.run(4 * SECOND);
    const by = (name: string) => net.results.find((result) => result.plan === name)?.outcome;
    expect([by("name"), by("address"), by("empty")]).toEqual(["noSuchName", "timedOut", "refused"]);
  });

  test("from outside through a node port of every node in turn", () => {
    const ports = [{ name: "p", port: 80, nodePort: 30_080, protocol: "TCP" as const }];
    const net = new Net().service({ type: "NodePort", ports }).endpoints("10.244.1.2");
    net.client([plan({ target: { kind: "node" }, port: 30_080 })], {
      address: "203.0.113.7",
      networks: [
        { id: "proxy-1", address: "192.168.0.1" },
        { id: "proxy-2", address: "192.168.0.2" },
      ],
    });
    net.run(10 * SECOND);
    expect(net.outcomes()).toEqual(Array(4).fill("pod-10.244.1.2"));
    expect(new Set(net.results.map(({ network }) => network)).size).toBe(2);
  });

  test("a connection whose pod is gone breaks, and the next one finds another pod", () => {
    const net = new Net().service({}).endpoints("10.244.1.2");
    net.client([plan({ times: 6, requestsPerFlow: 10 })]);
    net.run(3.5 * SECOND);
    net.pods.delete("10.244.1.2");
    net.endpoints("10.244.2.3");
    net.run(10 * SECOND);
    expect(net.outcomes()).toEqual([
      ...Array(2).fill("pod-10.244.1.2"),
      "timedOut",
      ...Array(3).fill("pod-10.244.2.3"),
    ]);
  });

  test("a connection does not go on with the next pod of that address", () => {
    const net = new Net().service({}).endpoints("10.244.1.2");
    net.client([plan({ requestsPerFlow: 10 })]);
    net.run(3.5 * SECOND);
    net.pods.set("10.244.1.2", "another");
    net.run(10 * SECOND);
    expect(net.results.map(({ outcome }) => outcome)).toEqual(["answered", "answered", "reset", "answered"]);
  });

  test("a flow of datagrams goes on from one port, whatever becomes of them", () => {
    const net = new Net().service({ ports: [{ name: "p", port: 80, protocol: "UDP" }] }).endpoints("10.244.1.2");
    net.client([plan({ protocol: "UDP", times: 8, requestsPerFlow: 100 })]);
    net.run(3.5 * SECOND);
    net.pods.delete("10.244.1.2");
    net.run(2 * SECOND);
    net.endpoints("10.244.2.3");
    net.run(10 * SECOND);
    const outcomes = net.outcomes();
    expect(outcomes.slice(0, 3)).toEqual(["pod-10.244.1.2", "pod-10.244.1.2", "timedOut"]);
    expect(outcomes.at(-1)).toBe("pod-10.244.2.3");
    expect(new Set(net.results.map(({ tuple }) => tuple.sourcePort)).size).toBe(1);
  });

  test("a flow whose datagrams are not answered goes to where the service is now", () => {
    const ports = [{ name: "p", port: 80, protocol: "UDP" as const }];
    const net = new Net().service({ ports }).endpoints("10.244.1.2");
    net.client([plan({ protocol: "UDP", times: 8, requestsPerFlow: 100 })]);
    net.run(3.5 * SECOND);
    net.service({ ports, clusterIP: "10.96.0.77" });
    net.run(10 * SECOND);
    expect(net.results.at(-1)).toMatchObject({ outcome: "answered", tuple: { destination: "10.96.0.77" } });
    expect(new Set(net.results.map(({ tuple }) => tuple.destination)).size).toBe(2);
  });

  test("the contract of machines", () => {
    const net = new Net().service({}).endpoints("10.244.1.2");
    const plans = [plan({}), plan({ name: "u", protocol: "UDP", requestsPerFlow: 3, everyUs: 700_000 })];
    const config = net.client(plans, { resultsMax: 3 });
    net.run(10 * SECOND);
    const inputs = net.inputs("client-1") as readonly Input<TrafficClientTypes>[];
    expect(inputs.length).toBeGreaterThan(20);
    expect(net.results).toHaveLength(3);
    const clock = { now: SECOND, wall: SECOND };
    expect(contractBreach(trafficClient, { durable: null, config, clock, inputs })).toBeNull();
  });
});

describe("who has an address", () => {
  const nodes = [
    { name: "a", podCIDRs: ["10.244.1.0/24"] },
    { name: "b", podCIDRs: ["10.244.2.0/24"] },
  ];
  const holders = [
    { node: "a", address: "10.244.1.2", pod: "one" },
    // On a node to which that address is not routed.
    { node: "a", address: "10.244.2.9", pod: "stray" },
  ];

  test("the node of its block, and there the sandbox", () => {
    expect(nodeFor(nodes, "10.244.2.9")).toBe("b");
    expect(nodeFor(nodes, "10.245.0.1")).toBeNull();
    expect(podAt(nodes, holders, "10.244.1.2", () => true)?.pod).toBe("one");
    expect(podAt(nodes, holders, "10.244.1.2", (node) => node !== "a")).toBeNull();
    expect(podAt(nodes, holders, "10.244.2.9", () => true)).toBeNull();
  });

  test("blocks that overlap", () => {
    expect(overlap(nodes)).toBeNull();
    expect(overlap([...nodes, { name: "c", podCIDRs: ["10.244.0.0/16"] }])).toEqual(["c", "a"]);
  });
});
