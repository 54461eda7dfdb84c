import { mapSet, orderedMapFrom } from "../../models/kernel/index.ts";
import { flowKey } from "../../models/proxy/index.ts";
import type { Flow, PortRule } from "../../models/proxy/types.ts";
import { type ClusterDrill, type Loose, objectOf, podOf } from "../cluster/testing.ts";

/** A node, with a block of pod addresses or without one. */
export const node = (name: string, podCIDR?: string) =>
  objectOf("Node", name, { spec: podCIDR === undefined ? {} : { podCIDR } });

/** A service with the address 10.96.0.9, unless said. */
export const service = (name: string, spec: Loose = {}) =>
  objectOf("Service", name, {
    spec: { type: "ClusterIP", clusterIP: "10.96.0.9", ports: [{ port: 80, protocol: "TCP" }], ...spec },
  });

/** The slice of the service `web`, as the controller writes it: `ready`, `leaving` (it serves and terminates) or `dead`. */
export const slice = (...endpoints: readonly (readonly [address: string, state: string, uid?: string])[]) =>
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

/** A pod that is called after its address. */
export const pod = (address: string, more: Loose = {}) =>
  podOf(address, { node: "node-1", ...more, status: { podIP: address, ...more.status } });

/** A rule of the service `web` to these addresses. */
export const rule = (cluster: readonly string[], more: Partial<PortRule> = {}): PortRule => ({
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

/** A flow of datagrams to the service; null: it has no target. */
export const flow = (to: string | null, destination = "10.96.0.9"): Flow => ({
  tuple: { protocol: "UDP", source: "10.0.1.1", sourcePort: 7, destination, destinationPort: 80 },
  target: to === null ? null : { ip: to, port: 8080, node: "node-1", pod: "" },
  replied: true,
  at: 0,
});

/** A proxy and a client are there as well. */
export const PROCESSES = ["m1", "m2", "api-1", "controller-manager-1", "proxy-1", "client-1"];

/** A proxy has synced at the latest version. */
export function synced(drill: ClusterDrill, rules: readonly PortRule[], ...flows: readonly Flow[]): ClusterDrill {
  const before = (drill.process("proxy-1").state as Loose).syncs ?? 0;
  return drill.step("proxy-1", {
    syncs: before + 1,
    syncedVersions: { services: drill.revision, slices: drill.revision },
    config: { id: "proxy-1", node: "node-1", address: "192.168.0.1" },
    kernel: {
      rules: orderedMapFrom(rules.length === 0 ? [] : [["default/web", rules]]),
      flows: flows.reduce((map, one) => mapSet(map, flowKey(one.tuple), one), orderedMapFrom<Flow>([])),
    },
  });
}
