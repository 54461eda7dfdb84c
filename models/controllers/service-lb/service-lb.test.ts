import { describe, expect, test } from "vitest";
import type { Service } from "../../machinery/kinds/index.ts";
import { Drill } from "../testing/drill.ts";
import { serviceLb } from "./index.ts";

const FINALIZER = "service.kubernetes.io/load-balancer-cleanup";

function drill(spec: Partial<Service["spec"]>) {
  const made = new Drill(serviceLb);
  made.api.put({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", namespace: "default" },
    spec: { type: "LoadBalancer", clusterIP: "10.96.0.9", ports: [{ port: 80 }], ...spec },
    status: { loadBalancer: {} },
  } as Service);
  made.deliver();
  made.start();
  made.settle();
  return made;
}

const of = (made: ReturnType<typeof drill>) => made.api.get<Service>("services", "default/web");
const finalizers = (made: ReturnType<typeof drill>) => of(made)?.metadata.finalizers ?? [];

describe("load balancers", () => {
  test("a service of the type gets an address, and is held until it is given back", () => {
    const made = drill({});
    expect(of(made)!.status).toEqual({ loadBalancer: { ingress: [{ ip: "198.18.0.9", ipMode: "VIP" }] } });
    expect(finalizers(made)).toEqual([FINALIZER]);
  });

  test("none of another type, or of a class of its own", () => {
    for (const spec of [{ type: "NodePort" }, { loadBalancerClass: "own" }] as Partial<Service["spec"]>[]) {
      const made = drill(spec);
      expect(of(made)!.status).toEqual({ loadBalancer: {} });
      expect(finalizers(made)).toEqual([]);
    }
  });

  test("when it is of the type no more, or is deleted, the address goes first and then the finalizer", () => {
    for (const change of [
      { spec: { type: "ClusterIP" } },
      { metadata: { deletionTimestamp: "2026-01-01T00:00:09Z" } },
    ]) {
      const made = drill({});
      made.api.edit<Service>("services", "default/web", (old) => ({
        ...old,
        metadata: { ...old.metadata, ...change.metadata },
        spec: { ...old.spec, ...change.spec } as Service["spec"],
      }));
      made.settle();
      expect(finalizers(made)).toEqual([]);
      expect(JSON.stringify(of(made)?.status ?? {})).not.toContain("198.18");
    }
  });
});
