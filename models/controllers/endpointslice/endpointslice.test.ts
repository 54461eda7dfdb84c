import { describe, expect, test } from "vitest";
import type { EndpointSlice, Pod, Service } from "../../machinery/kinds/index.ts";
import { withMeta } from "../../machinery/meta.ts";
import { Drill } from "../testing/drill.ts";
import { node } from "../testing/objects.ts";
import { endpointSlice } from "./index.ts";

function service(spec: Partial<Service["spec"]> = {}): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
  };
}

function pod(name: string, ip: string, more: Partial<Pod> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels: { app: "web" } },
    spec: { nodeName: "node-1", containers: [{ name: "main" }] },
    status: { phase: "Running", podIP: ip, conditions: [{ type: "Ready", status: "True" }] },
    ...more,
  };
}

function drill(config: { maxEndpointsPerSlice?: number } = {}) {
  const made = new Drill(endpointSlice, config);
  made.api.put(node("node-1"));
  return made;
}
type D = ReturnType<typeof drill>;
const slices = (d: D) => d.api.list<EndpointSlice>("endpointslices");
const addresses = (d: D) => slices(d).map(({ endpoints }) => endpoints.map((one) => one.addresses[0]));
const settle = (d: D) => {
  d.settle();
  d.advance(2_000_000);
  d.settle();
};

describe("endpoint slices", () => {
  test("a service without pods has an empty slice, which is then used", () => {
    const d = drill();
    d.api.put(service());
    settle(d);
    expect(addresses(d)).toEqual([[]]);
    d.api.put(pod("a", "10.0.0.1"));
    settle(d);
    expect(addresses(d)).toEqual([["10.0.0.1"]]);
    expect(slices(d)[0]).toMatchObject({
      metadata: {
        labels: { "kubernetes.io/service-name": "web" },
        ownerReferences: [{ kind: "Service", name: "web" }],
      },
      ports: [{ name: "", protocol: "TCP", port: 8080 }],
    });
    const before = d.requests.length;
    settle(d);
    expect(d.requests.length).toBe(before);
  });

  test("ready, serving, terminating; terminal pods and pods without an address are not there", () => {
    const d = drill();
    d.api.put(service());
    d.api.put(pod("a", "10.0.0.1"));
    d.api.put(
      pod("b", "10.0.0.2", {
        status: { phase: "Running", podIP: "10.0.0.2", conditions: [{ type: "Ready", status: "False" }] },
      }),
    );
    d.api.put(withMeta(pod("c", "10.0.0.3"), { deletionTimestamp: "2026-01-01T00:00:00Z" }));
    d.api.put(pod("d", "10.0.0.4", { status: { phase: "Failed", podIP: "10.0.0.4" } }));
    d.api.put(pod("e", ""));
    settle(d);
    expect(slices(d)[0]!.endpoints.map(({ addresses: [ip], conditions }) => [ip, conditions])).toEqual([
      ["10.0.0.1", { ready: true, serving: true, terminating: false }],
      ["10.0.0.2", { ready: false, serving: false, terminating: false }],
      ["10.0.0.3", { ready: false, serving: true, terminating: true }],
    ]);
  });

  test("hints say for whom ready endpoints are", () => {
    const hints = (trafficDistribution: string) => {
      const d = drill();
      d.api.put(withMeta(node("node-1"), { labels: { "topology.kubernetes.io/zone": "a" } }));
      d.api.put(service({ trafficDistribution }));
      d.api.put(pod("a", "10.0.0.1"));
      d.api.put(pod("b", "10.0.0.2", { status: { phase: "Running", podIP: "10.0.0.2", conditions: [] } }));
      settle(d);
      return slices(d)[0]!.endpoints.map((one) => one.hints ?? null);
    };
    const forZones = [{ name: "a" }];
    expect(hints("PreferClose")).toEqual([{ forZones }, null]);
    expect(hints("PreferSameZone")).toEqual([{ forZones }, null]);
    expect(hints("PreferSameNode")).toEqual([{ forNodes: [{ name: "node-1" }], forZones }, null]);
    expect(hints("")).toEqual([null, null]);
  });

  test("named ports by pod: a slice for each set of ports", () => {
    const d = drill();
    const ports = (containerPort: number): Partial<Pod> => ({
      spec: { nodeName: "node-1", containers: [{ name: "main", ports: [{ name: "http", containerPort }] }] },
    });
    d.api.put(service({ ports: [{ port: 80, targetPort: "http" }] }));
    d.api.put(pod("a", "10.0.0.1", ports(1)));
    d.api.put(pod("b", "10.0.0.2", ports(2)));
    settle(d);
    expect(slices(d).map((slice) => [slice.ports?.[0]?.port, slice.endpoints.length])).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  test("a hundred a slice; what goes leaves room that is used", () => {
    const d = drill({ maxEndpointsPerSlice: 2 });
    d.api.put(service());
    for (let i = 1; i <= 5; i++) d.api.put(pod(`p${i}`, `10.0.0.${i}`));
    settle(d);
    expect(
      slices(d)
        .map(({ endpoints }) => endpoints.length)
        .sort(),
    ).toEqual([1, 2, 2]);
    d.api.remove("pods", "default/p1");
    d.api.put(pod("p6", "10.0.0.6"));
    settle(d);
    expect(
      slices(d)
        .map(({ endpoints }) => endpoints.length)
        .sort(),
    ).toEqual([1, 2, 2]);
    expect(addresses(d).flat().sort()).toEqual([2, 3, 4, 5, 6].map((i) => `10.0.0.${i}`));
  });

  test("with a cache that has not seen its own slice it writes no second one", () => {
    const d = drill();
    d.api.put(service());
    d.api.put(pod("a", "10.0.0.1"));
    d.deliver();
    d.run("default/web");
    expect(slices(d)).toHaveLength(1);
    expect(d.run("default/web")).toMatchObject({ kind: "retry" });
    expect(slices(d)).toHaveLength(1);
    settle(d);
    expect(slices(d)).toHaveLength(1);
  });

  test("a slice that somebody edits or deletes is put right", () => {
    const d = drill();
    d.api.put(service());
    d.api.put(pod("a", "10.0.0.1"));
    settle(d);
    const key = `default/${slices(d)[0]!.metadata.name}`;
    d.api.edit<EndpointSlice>("endpointslices", key, (slice) =>
      withMeta({ ...slice, endpoints: [] }, { generation: 9 }),
    );
    settle(d);
    expect(addresses(d)).toEqual([["10.0.0.1"]]);
    d.api.remove("endpointslices", `default/${slices(d)[0]!.metadata.name}`);
    settle(d);
    expect(addresses(d)).toEqual([["10.0.0.1"]]);
  });

  test("a service that was deleted and created anew gets slices of its own", () => {
    const d = drill();
    d.api.put(service());
    d.api.put(pod("a", "10.0.0.1"));
    settle(d);
    d.api.remove("services", "default/web");
    const again = d.api.put(withMeta(service(), { uid: "another" }));
    settle(d);
    expect(slices(d).map(({ metadata }) => metadata.ownerReferences?.[0]?.uid)).toEqual([again.metadata.uid]);
  });
});
