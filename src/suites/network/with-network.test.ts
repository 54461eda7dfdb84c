import { expect, test } from "vitest";
import { mapGet } from "../../../models/kernel/index.ts";
import type { TrafficClientState, TrafficPlan } from "../../../models/network/index.ts";
import type { ProxyState } from "../../../models/proxy/index.ts";
import { networkProperties } from "../../../properties/network/index.ts";
import { World } from "../../simulator/world.ts";
import { scenarioWith } from "../control-plane/defaults.ts";
import { controlPlaneSystem } from "../control-plane/system.ts";
import { withNetwork } from "./with-network.ts";

const SECOND = 1_000_000;
const OBJECTS = [
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "main", image: "app:v1" }] } },
    },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web" },
    spec: {
      type: "NodePort",
      clusterIP: "10.96.0.9",
      selector: { app: "web" },
      ports: [
        { name: "tcp", port: 80, nodePort: 30_080, protocol: "TCP" },
        { name: "udp", port: 53, protocol: "UDP" },
      ],
    },
  },
  {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "edge" },
    spec: {
      selector: { matchLabels: { app: "edge" } },
      template: {
        metadata: { labels: { app: "edge" } },
        spec: {
          hostNetwork: true,
          containers: [{ name: "main", image: "app:v1", ports: [{ containerPort: 8443 }] }],
        },
      },
    },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "edge" },
    spec: { selector: { app: "edge" }, ports: [{ port: 443, targetPort: 8443 }] },
  },
];
const plan = (name: string, changes: Partial<TrafficPlan>): TrafficPlan => ({
  name,
  target: { kind: "service", namespace: "default", name: "web" },
  protocol: "TCP",
  port: 80,
  startsAfterUs: 15 * SECOND,
  everyUs: SECOND,
  times: 0,
  requestsPerFlow: 3,
  ...changes,
});

test("pods answer by their service's name, on every node and from outside; what is said of the network holds", () => {
  const scenario = scenarioWith({ system: { masters: 1, nodes: 2, objects: OBJECTS } });
  const system = withNetwork(controlPlaneSystem(scenario), {
    onNodes: [
      plan("tcp", {}),
      plan("edge", { target: { kind: "service", namespace: "default", name: "edge" }, port: 443 }),
      plan("udp", { protocol: "UDP", port: 53, requestsPerFlow: 1_000 }),
    ],
    outside: [plan("node port", { target: { kind: "node" }, port: 30_080 })],
  });
  const world = new World(system, {
    seed: 1,
    network: scenario.network,
    disk: scenario.disk,
    clock: scenario.clock,
    faultKinds: [],
  });
  const violations: string[] = [];
  const monitors = networkProperties.map((property) => ({
    id: property.id,
    monitor: property.monitor({
      processes: world.processes,
      now: () => world.now,
      violate: (explanation) => void violations.push(`${property.id}: ${explanation}`),
      reach: () => {},
      undecided: (reason) => void violations.push(`${property.id}: ${reason}`),
    }),
  }));
  world.observe(monitors.map(({ monitor }) => monitor));
  world.start();
  world.run(25 * SECOND);
  const pods = new Set<string>();
  for (const id of ["client-1", "client-2", "client-outside"]) {
    const { results } = world.process(id).state as TrafficClientState;
    expect(results.length, id).toBeGreaterThan(8);
    for (const { outcome, plan: name, pod } of results) {
      expect(outcome, `${id} ${name}`).toBe("answered");
      pods.add(pod);
    }
  }
  // Three behind `web`, and one of the host's network on each node behind `edge`.
  expect(pods.size).toBe(5);
  const { kernel } = world.process("proxy-2").state as ProxyState;
  expect(mapGet(kernel.rules, "default/web")!.map(({ cluster }) => cluster.length)).toEqual([3, 3]);
  expect(violations).toEqual([]);
  for (const { id, monitor } of monitors) expect(monitor.pending?.() ?? null, id).toBeNull();
});
