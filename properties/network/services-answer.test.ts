import { describe, expect, test } from "vitest";
import { ClusterDrill, type Loose } from "../cluster/testing.ts";
import { servicesAnswer } from "./services-answer.ts";
import { node, PROCESSES, service, slice } from "./testing.ts";

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
    tuple: { protocol: "UDP", sourcePort: 7 },
    pod: outcome === "answered" ? uid : "",
  });
  const drill = (...results: readonly Loose[]) =>
    new ClusterDrill(servicesAnswer, PROCESSES)
      .put(node("node-1", "10.0.0.0/24"))
      .put(service("web"))
      .put(slice(["10.0.0.1", "ready"]))
      .step("client-1", { config: { plans: [plan], networks: [{ id: "proxy-1" }] }, results });

  test("the last three were answered by its endpoints", () => {
    const good = [1, 2, 3, 4].map((number) => result(number, number === 1 ? "timedOut" : "answered"));
    expect(drill(...good).pending).toBeNull();
    expect(drill().put(slice(["10.0.0.1", "leaving"])).pending, "no ready endpoint").toBeNull();
  });

  test("a connection goes on to where it began", () => {
    const old = (number: number) => ({
      ...result(number, "answered", "gone"),
      tuple: { protocol: "TCP", sourcePort: 7 },
    });
    expect(drill(old(1), old(2), old(3), old(4)).pending).toBeNull();
  });

  test("to some endpoint there is no way", () => {
    expect(drill().put(node("node-1", "10.0.7.0/24")).pending).toBeNull();
    expect(drill().remove(node("node-1")).pending).toBeNull();
  });

  test("by its load balancer not all may come", () => {
    const by = (spec: Loose) => {
      const status = { loadBalancer: { ingress: [{ ip: "198.18.0.9" }] } };
      const target = { kind: "address", address: "198.18.0.9" };
      return drill()
        .put({ ...service("web", { ports: [{ port: 80, protocol: "UDP" }], type: "LoadBalancer", ...spec }), status })
        .step("client-1", { config: { plans: [{ ...plan, target }], networks: [{ id: "proxy-1" }] } }).pending;
    };
    expect(by({})).toBe("client-1: web has 0 results");
    expect(by({ loadBalancerSourceRanges: ["192.0.2.0/24"] })).toBeNull();
  });

  test("who has no network asks nobody", () => {
    expect(drill().crash("proxy-1").pending).toBeNull();
  });

  test("pending while they are not", () => {
    expect(drill().pending).toBe("client-1: web has 0 results");
    expect(drill(result(1, "answered"), result(2, "timedOut")).pending).toMatch(
      /request 2 of web .* ended as timedOut/,
    );
    expect(drill(result(1, "answered", "stranger")).pending).toMatch(/by pod stranger, which is no endpoint/);
  });
});
