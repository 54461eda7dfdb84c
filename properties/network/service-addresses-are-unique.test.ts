import { describe, expect, test } from "vitest";
import { ClusterDrill, type Loose } from "../cluster/testing.ts";
import { serviceAddressesAreUnique } from "./service-addresses-are-unique.ts";
import { service } from "./testing.ts";

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
