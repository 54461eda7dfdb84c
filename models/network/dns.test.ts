import { describe, expect, test } from "vitest";
import { contractBreach, type Input } from "../kernel/index.ts";
import { API_DEFAULTS } from "../machinery/client/api.ts";
import type { Endpoint, EndpointSlice, KubeObject, Service, ServiceSpec } from "../machinery/kinds/index.ts";
import { NetworkBench } from "../machinery/net/testing/bench.ts";
import { answerOf, type DnsView, searchNames } from "./dns.ts";
import { DNS_INFORMERS, dnsServer } from "./dns-server.ts";
import type { DnsConfig, DnsMessage, DnsType, DnsTypes } from "./types.ts";

function service(name: string, spec: Partial<ServiceSpec>): Service {
  const ports = [
    { name: "http", port: 80, protocol: "TCP" as const },
    { name: "dns", port: 53, protocol: "UDP" as const },
  ];
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace: "shop" }, spec: { ports, ...spec } };
}

function slice(name: string, endpoints: readonly Endpoint[]): EndpointSlice {
  const labels = { "kubernetes.io/service-name": name };
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${name}-x`, namespace: "shop", labels },
    addressType: "IPv4",
    endpoints,
    ports: [{ name: "http", protocol: "TCP", port: 8080 }],
  };
}

const SERVICES = [
  service("web", { clusterIP: "10.96.0.9" }),
  service("db", { clusterIP: "None" }),
  service("empty", { clusterIP: "None" }),
  service("else", { type: "ExternalName", externalName: "db.example.com" }),
];
const SLICES = [
  slice("web", [{ addresses: ["10.244.1.2"] }]),
  slice("db", [
    { addresses: ["10.244.1.7"], hostname: "db-0", conditions: { ready: true } },
    { addresses: ["10.244.2.7"], conditions: { ready: true } },
    { addresses: ["10.244.2.8"], hostname: "db-2", conditions: { ready: false } },
  ]),
];
const VIEW: DnsView = {
  hasNamespace: (name) => name === "shop",
  service: (namespace, name) =>
    SERVICES.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace) ?? null,
  slices: (_, name) => SLICES.filter(({ metadata }) => metadata.name === `${name}-x`),
  services: () => SERVICES,
};

/** `CODE`, or the values of the records. */
function ask(name: string, type: DnsType = "A"): string {
  const { code, records } = answerOf(VIEW, "cluster.local", name, type);
  return code === "NOERROR" && records.length > 0 ? records.map(({ value }) => value).join(" | ") : code;
}

describe("names (kubernetes/dns specification)", () => {
  test.each<[string, DnsType, string]>([
    ["web.shop.svc.cluster.local", "A", "10.96.0.9"],
    ["WEB.shop.svc.cluster.local.", "A", "10.96.0.9"],
    ["web.shop.svc.cluster.local", "AAAA", "NOERROR"],
    ["db.shop.svc.cluster.local", "A", "10.244.1.7 | 10.244.2.7"],
    ["db-0.db.shop.svc.cluster.local", "A", "10.244.1.7"],
    ["10-244-2-7.db.shop.svc.cluster.local", "A", "10.244.2.7"],
    ["db-2.db.shop.svc.cluster.local", "A", "NXDOMAIN"],
    ["empty.shop.svc.cluster.local", "A", "NXDOMAIN"],
    ["else.shop.svc.cluster.local", "A", "db.example.com"],
    ["else.shop.svc.cluster.local", "CNAME", "db.example.com"],
    ["_http._tcp.web.shop.svc.cluster.local", "SRV", "0 100 80 web.shop.svc.cluster.local"],
    ["_dns._udp.web.shop.svc.cluster.local", "SRV", "0 100 53 web.shop.svc.cluster.local"],
    ["_dns._tcp.web.shop.svc.cluster.local", "SRV", "NXDOMAIN"],
    [
      "_http._tcp.db.shop.svc.cluster.local",
      "SRV",
      "0 100 8080 db-0.db.shop.svc.cluster.local | 0 100 8080 10-244-2-7.db.shop.svc.cluster.local",
    ],
    ["10-244-1-7.shop.pod.cluster.local", "A", "10.244.1.7"],
    ["10-244-1-7.other.pod.cluster.local", "A", "NXDOMAIN"],
    ["300-1-1-1.shop.pod.cluster.local", "A", "NXDOMAIN"],
    ["shop.svc.cluster.local", "A", "NOERROR"],
    ["other.svc.cluster.local", "A", "NXDOMAIN"],
    ["gone.shop.svc.cluster.local", "A", "NXDOMAIN"],
    ["example.com", "A", "SERVFAIL"],
    ["9.0.96.10.in-addr.arpa", "PTR", "web.shop.svc.cluster.local"],
    ["7.1.244.10.in-addr.arpa", "PTR", "db-0.db.shop.svc.cluster.local"],
    ["1.1.1.1.in-addr.arpa", "PTR", "NXDOMAIN"],
  ])("%s %s: %s", (name, type, answer) => expect(ask(name, type)).toBe(answer));

  test("the names that a pod's resolver tries", () => {
    expect(searchNames("web", "shop", "cluster.local")).toEqual([
      "web.shop.svc.cluster.local",
      "web.svc.cluster.local",
      "web.cluster.local",
      "web",
    ]);
    expect(searchNames("a.b.c.d.e.f", "shop", "cluster.local")[0]).toBe("a.b.c.d.e.f");
    expect(searchNames("example.com.", "shop", "cluster.local")).toEqual(["example.com"]);
  });
});

test("a server answers from its informers, and keeps the contract of machines", () => {
  const net = new NetworkBench();
  const answers: string[] = [];
  net.stubs.set("client", (_, message: DnsMessage) => {
    if (message.kind === "dnsAnswer") answers.push(message.result.records[0]?.value ?? message.result.code);
    return null;
  });
  const config: DnsConfig = {
    kind: "dns",
    id: "dns-1",
    domain: "cluster.local",
    api: { ...API_DEFAULTS, id: "dns-1", user: "system:coredns", servers: ["api-1"], informers: DNS_INFORMERS },
  };
  const query = (name: string) => {
    net.send("client", "dns-1", { kind: "dnsQuery", id: name, name, type: "A" });
    net.run(100_000);
  };
  net.cut.add("api-1");
  net.start("dns-1", dnsServer, config);
  query("web.shop.svc.cluster.local");
  net.cut.clear();
  net.api.put({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } } as KubeObject);
  for (const object of [...SERVICES, ...SLICES]) net.api.put<KubeObject>(object);
  net.run(60_000_000);
  query("web.shop.svc.cluster.local");
  query("db.shop.svc.cluster.local");
  net.api.remove("services", "shop/web");
  net.run(1_000_000);
  query("web.shop.svc.cluster.local");
  expect(answers).toEqual(["SERVFAIL", "10.96.0.9", "10.244.1.7", "NXDOMAIN"]);
  const inputs = net.inputs("dns-1") as readonly Input<DnsTypes>[];
  const clock = { now: 1_000_000, wall: 1_000_000 };
  expect(contractBreach(dnsServer, { durable: null, config, clock, inputs })).toBeNull();
});
