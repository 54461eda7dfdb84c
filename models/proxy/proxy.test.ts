import { describe, expect, test } from "vitest";
import { contractBreach, type Input, mapEntries, mapGet } from "../kernel/index.ts";
import { API_DEFAULTS } from "../machinery/client/api.ts";
import type { EndpointSlice, Node, Service, ServiceSpec } from "../machinery/kinds/index.ts";
import { NetworkBench } from "../machinery/net/testing/bench.ts";
import type { NetworkMessage, Packet, Tuple } from "../network/types.ts";
import { PROXY_DEFAULTS, proxy, proxyInformers } from "./index.ts";
import type { ProxyConfig, ProxyState, ProxyTypes } from "./types.ts";

const SECOND = 1_000_000;

function config(number: number, changes: Partial<ProxyConfig> = {}): ProxyConfig {
  const id = `proxy-${number}`;
  return {
    ...PROXY_DEFAULTS,
    id,
    node: `node-${number}`,
    api: { ...API_DEFAULTS, id, user: "system:kube-proxy", servers: ["api-1"], informers: proxyInformers() },
    address: `192.168.0.${number}`,
    runtimes: { "node-1": "runtime-1", "node-2": "runtime-2" },
    clusterCIDR: "10.244.0.0/16",
    ...changes,
  };
}

const node = (number: number): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: `node-${number}`, labels: { "topology.kubernetes.io/zone": number === 1 ? "a" : "b" } },
  spec: { podCIDR: `10.244.${number}.0/24`, podCIDRs: [`10.244.${number}.0/24`] },
  status: { addresses: [{ type: "InternalIP", address: `192.168.0.${number}` }] },
});

function service(spec: Partial<ServiceSpec> = {}, name = "web"): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default" },
    spec: { type: "ClusterIP", clusterIP: "10.96.0.9", ports: [{ name: "p", port: 53, protocol: "UDP" }], ...spec },
  };
}

/** A slice with these pods: `1.2` is 10.244.1.2 on node-1; with a `-` behind it, it serves and leaves; `!`: it does neither. */
function slice(pods: readonly string[], name = "web", protocol = "UDP"): EndpointSlice {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${name}-x`, namespace: "default", labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    endpoints: pods.map((pod) => ({
      addresses: [`10.244.${pod.replace(/[-!]/, "")}`],
      nodeName: `node-${pod[0]}`,
      conditions: { ready: /\d$/.test(pod), serving: !pod.endsWith("!"), terminating: !/\d$/.test(pod) },
      targetRef: { kind: "Pod", uid: `pod-${pod.replace(/[-!]/, "")}` },
    })),
    ports: [{ name: "p", port: 5353, protocol }],
  };
}

/** Two nodes; every pod address answers with its pod, those in `dead` do not. */
class Net extends NetworkBench {
  readonly dead = new Set<string>();
  readonly replies: Extract<NetworkMessage, { kind: "netReply" }>[] = [];
  #packets = 0;

  constructor(...proxies: readonly ProxyConfig[]) {
    super();
    for (const number of [1, 2]) {
      this.api.put(node(number));
      this.stubs.set(`runtime-${number}`, (_, message: Extract<NetworkMessage, { kind: "netDeliver" }>) => {
        const { packet, client, address } = message;
        if (this.dead.has(address)) return null;
        const pod = `pod-${address.slice("10.244.".length)}`;
        return { kind: "netDelivered", packet, client, outcome: "answered", pod, peer: `${pod}/0` };
      });
    }
    for (const client of ["client", "outside"])
      this.stubs.set(client, (_, message) => {
        this.replies.push(message);
        return null;
      });
    for (const one of proxies) this.start(one.id, proxy, one);
    this.run(SECOND);
  }

  proxy(number = 1): ProxyState {
    return this.state(`proxy-${number}`);
  }

  /** Sends a packet and waits a while: the pod that has answered, `refused`, `reset`, or `silence`. */
  ask(tuple: Partial<Tuple>, { step = "data", peer = "", via = "proxy-1", client = "client" } = {}): string {
    const id = `k${++this.#packets}`;
    const full = {
      protocol: "UDP",
      source: "10.244.1.200",
      sourcePort: 1,
      destination: "10.96.0.9",
      destinationPort: 53,
    };
    const packet = { id, tuple: { ...full, ...tuple }, step, peer } as Packet;
    this.send(client, via, { kind: "netPacket", packet });
    this.run(SECOND / 10);
    const reply = this.replies.find((one) => one.id === id);
    return reply === undefined ? "silence" : reply.pod || reply.outcome;
  }

  flows(number = 1): readonly string[] {
    return mapEntries(this.proxy(number).kernel.flows).map(
      ([key, { target }]) => `${key.split(">")[0]!.split(":")[1]} ${target?.ip ?? "nowhere"}`,
    );
  }
}

const asked = (net: Net, count: number, tuple: Partial<Tuple> = {}): readonly string[] =>
  Array.from({ length: count }, (_, at) => net.ask({ sourcePort: 100 + at, ...tuple }));

describe("packets", () => {
  test("a service is found by its address on every node, and its endpoints share the load", () => {
    const net = new Net(config(1));
    net.api.put(service());
    net.api.put(slice(["1.2", "2.3", "2.4"]));
    net.run(2 * SECOND);
    expect(new Set(asked(net, 40))).toEqual(new Set(["pod-1.2", "pod-2.3", "pod-2.4"]));
    expect(net.ask({ destination: "10.244.2.3" }), "a pod's own address").toBe("pod-2.3");
  });

  test("a service without endpoints rejects at once; an address of nobody is silent", () => {
    const net = new Net(config(1));
    net.api.put(service());
    net.run(2 * SECOND);
    expect(net.ask({})).toBe("refused");
    expect(net.flows()).toEqual([]);
    expect(net.ask({ destination: "10.96.0.77" })).toBe("silence");
  });

  test("of two services with one address the first has it, and the other when that is gone", () => {
    const net = new Net(config(1));
    const shared = { externalIPs: ["198.51.100.1"] };
    const first = service({ ...shared, clusterIP: "10.96.0.8" }, "first");
    net.api.put(service(shared));
    net.api.put(slice(["1.2"]));
    net.api.put(first);
    net.api.put(slice(["2.3"], "first"));
    net.run(2 * SECOND);
    expect(net.ask({ destination: "198.51.100.1" })).toBe("pod-2.3");
    net.api.remove("services", "default/first");
    net.run(2 * SECOND);
    expect(net.ask({ destination: "198.51.100.1", sourcePort: 2 })).toBe("pod-1.2");
  });

  test("node ports: at the node's address, of any node; policy Local drops where there is no endpoint", () => {
    const net = new Net(config(1), config(2));
    const ports = [{ name: "p", port: 53, nodePort: 30_053, protocol: "UDP" as const }];
    net.api.put(service({ type: "NodePort", ports }));
    net.api.put(slice(["2.3"]));
    net.run(2 * SECOND);
    const outside = { source: "203.0.113.9", destinationPort: 30_053 };
    const from1 = { ...outside, destination: "192.168.0.1" };
    const from2 = { ...outside, destination: "192.168.0.2" };
    expect(net.ask(from1)).toBe("pod-2.3");
    expect(net.ask(from2, { via: "proxy-2" })).toBe("pod-2.3");
    expect(net.ask({ ...from1, destinationPort: 30_054 }), "no service").toBe("refused");
    net.api.edit<Service>("services", "default/web", (old) => ({
      ...old,
      spec: { ...old.spec, externalTrafficPolicy: "Local" },
    }));
    net.run(2 * SECOND);
    expect(net.ask({ ...from1, sourcePort: 2 })).toBe("silence");
    expect(net.ask({ ...from2, sourcePort: 2 }, { via: "proxy-2" })).toBe("pod-2.3");
    expect(net.ask({ ...from1, sourcePort: 3, source: "10.244.1.9" }), "from within by a short cut").toBe("pod-2.3");
  });

  test("load balancers: by their address, and only from where it is allowed", () => {
    const net = new Net(config(1));
    net.api.put({
      ...service({ type: "LoadBalancer", loadBalancerSourceRanges: ["203.0.113.0/24"] }),
      status: { loadBalancer: { ingress: [{ ip: "198.51.100.7" }] } },
    });
    net.api.put(slice(["1.2"]));
    net.run(2 * SECOND);
    expect(net.ask({ destination: "198.51.100.7", source: "203.0.113.5" })).toBe("pod-1.2");
    expect(net.ask({ destination: "198.51.100.7", source: "192.0.2.5" })).toBe("silence");
    expect(net.ask({ source: "10.244.1.9" }), "the ClusterIP is not concerned").toBe("pod-1.2");
  });

  test("affinity: a client comes to the same endpoint while it comes often enough", () => {
    const net = new Net(config(1));
    net.api.put(service({ sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } }));
    net.api.put(slice(["1.2", "1.3", "1.4", "1.5", "1.6"]));
    net.run(2 * SECOND);
    const first = asked(net, 20);
    expect(new Set(first).size).toBe(1);
    net.api.put(slice(["1.2", "1.3", "1.4", "1.5", "1.6"].filter((pod) => `pod-${pod}` !== first[0])));
    net.run(2 * SECOND);
    const second = asked(net, 20, { destination: "10.96.0.9" });
    expect(second[0]).not.toBe(first[0]);
    expect(new Set(second).size).toBe(1);
  });

  test("a TCP connection stays with its endpoint, ready or not, until it is closed", () => {
    const net = new Net(config(1));
    net.api.put(service({ ports: [{ name: "p", port: 53, protocol: "TCP" }] }));
    net.api.put(slice(["1.2"], "web", "TCP"));
    net.run(2 * SECOND);
    const tuple = { protocol: "TCP", sourcePort: 7 } as const;
    expect(net.ask(tuple, { step: "open" })).toBe("pod-1.2");
    net.api.put(slice(["2.3", "1.2!"], "web", "TCP"));
    net.run(2 * SECOND);
    expect(net.ask(tuple, { peer: "pod-1.2/0" })).toBe("pod-1.2");
    expect(net.ask({ ...tuple, sourcePort: 8 }, { step: "open" })).toBe("pod-2.3");
    net.ask(tuple, { step: "close" });
    expect(net.flows()).toEqual(["8 10.244.2.3"]);
  });
});

describe("syncs", () => {
  test("changes are gathered for a second, and nothing happens for longer than 30 s", () => {
    const net = new Net(config(1));
    net.run(5 * SECOND);
    const before = net.proxy().syncs;
    net.api.put(service());
    net.run(SECOND / 100);
    expect(net.proxy().syncs, "at once, for the last one was long ago").toBe(before + 1);
    for (const pods of [["1.2"], ["1.3"], ["1.4"]]) {
      net.api.put(slice(pods));
      net.run(SECOND / 10);
    }
    expect(net.proxy().syncs).toBe(before + 1);
    net.run(SECOND);
    expect(net.proxy().syncs).toBe(before + 2);
    expect(mapGet(net.proxy().kernel.rules, "default/web")![0]!.cluster.map(({ ip }) => ip)).toEqual(["10.244.1.4"]);
    net.run(65 * SECOND);
    expect(net.proxy().syncs).toBe(before + 4);
  });

  test("nothing is written before all informers have their first list", () => {
    const net = new Net();
    net.cut.add("api-1");
    net.start("proxy-1", proxy, config(1));
    net.run(20 * SECOND);
    expect(net.proxy().syncs).toBe(0);
    net.cut.clear();
    net.run(40 * SECOND);
    expect(net.proxy().syncs).toBeGreaterThan(0);
  });

  test("a change of the node's zone writes all rules anew", () => {
    const net = new Net(config(1));
    net.run(2 * SECOND);
    net.notes.length = 0;
    net.api.edit<Node>("nodes", "node-1", (old) => ({ ...old, metadata: { ...old.metadata, labels: {} } }));
    net.run(2 * SECOND);
    expect(net.notes).toContain("proxy-1 proxy/sync/full");
  });

  test("rules and flows outlive the process; a restart of the host takes them", () => {
    const net = new Net(config(1));
    net.api.put(service());
    net.api.put(slice(["1.2"]));
    net.run(2 * SECOND);
    net.ask({});
    net.crash("proxy-1");
    net.cut.add("api-1");
    net.boot("proxy-1");
    expect(net.ask({ sourcePort: 2 })).toBe("pod-1.2");
    expect(net.flows()).toHaveLength(2);
    net.crash("proxy-1");
    net.hostBoots++;
    net.boot("proxy-1");
    expect(net.ask({ sourcePort: 3 })).toBe("silence");
  });

  test("what went while it was down goes at its first sync: services, routes, flows", () => {
    const net = new Net(config(1));
    net.api.put(service());
    net.api.put(slice(["2.3"]));
    net.run(2 * SECOND);
    net.ask({});
    net.crash("proxy-1");
    net.api.remove("services", "default/web");
    net.api.remove("nodes", "node-2");
    net.boot("proxy-1");
    net.run(2 * SECOND);
    expect(net.proxy().kernel.rules.size).toBe(0);
    expect(net.flows()).toEqual([]);
    expect(net.ask({ destination: "10.244.2.3", sourcePort: 9 })).toBe("silence");
  });
});

describe("flows of datagrams", () => {
  const ready = (pods: readonly string[]): Net => {
    const net = new Net(config(1));
    net.api.put(service());
    net.api.put(slice(pods));
    net.run(2 * SECOND);
    return net;
  };

  test("one to an endpoint that is gone is cleared, and goes to another (kubernetes#19029)", () => {
    const net = ready(["1.2"]);
    expect(net.ask({})).toBe("pod-1.2");
    net.dead.add("10.244.1.2");
    net.api.put(slice(["2.3"]));
    net.run(2 * SECOND);
    expect(net.ask({})).toBe("pod-2.3");
    expect(net.notes).toContain("proxy-1 proxy/conntrack/flow-to-a-removed-endpoint-cleared");
  });

  test("one to an endpoint that leaves and serves goes on", () => {
    const net = ready(["1.2", "2.3"]);
    const pod = net.ask({});
    const leaving = pod === "pod-1.2" ? ["1.2-", "2.3"] : ["1.2", "2.3-"];
    net.api.put(slice(leaving));
    net.run(2 * SECOND);
    expect(net.ask({})).toBe(pod);
  });

  test("at zero endpoints none is left (kubernetes#110301, #139628)", () => {
    const net = ready(["1.2"]);
    net.ask({});
    net.api.put(slice([]));
    net.run(2 * SECOND);
    expect(net.flows()).toEqual([]);
    expect(net.ask({})).toBe("refused");
  });

  test("one that began before there was a rule is no black hole afterwards (kubernetes#105657)", () => {
    const net = new Net(config(1));
    expect(net.ask({})).toBe("silence");
    expect(net.flows()).toEqual(["1 nowhere"]);
    net.api.put(service());
    net.api.put(slice(["1.2"]));
    net.run(2 * SECOND);
    expect(net.ask({})).toBe("pod-1.2");
  });

  test("those of a service that is gone are cleared; others are left alone", () => {
    const net = ready(["1.2"]);
    net.ask({});
    net.ask({ destination: "10.244.2.3", sourcePort: 5 });
    net.api.remove("services", "default/web");
    net.run(2 * SECOND);
    expect(net.flows()).toEqual(["5 nowhere"]);
  });

  test("the kernel forgets what nobody uses: 30 s unanswered, 120 s answered", () => {
    const net = ready(["1.2", "1.3"]);
    net.dead.add("10.244.1.2");
    const answers = asked(net, 10);
    const silent = answers.filter((answer) => answer === "silence").length;
    expect(net.flows()).toHaveLength(10);
    net.run(65 * SECOND);
    expect(net.flows()).toHaveLength(10 - silent);
    net.run(120 * SECOND);
    expect(net.flows()).toEqual([]);
  });
});

test("the contract of machines", () => {
  const net = new Net(config(1));
  net.api.put(service({ sessionAffinity: "ClientIP" }));
  net.api.put(slice(["1.2", "2.3"]));
  net.run(2 * SECOND);
  asked(net, 5);
  net.api.put(slice(["2.3"]));
  net.run(31 * SECOND);
  net.api.remove("services", "default/web");
  net.run(2 * SECOND);
  const inputs = net.inputs("proxy-1") as readonly Input<ProxyTypes>[];
  expect(inputs.length).toBeGreaterThan(15);
  const clock = { now: SECOND, wall: SECOND };
  expect(contractBreach(proxy, { durable: proxy.disk.empty, config: config(1), clock, inputs })).toBeNull();
});
