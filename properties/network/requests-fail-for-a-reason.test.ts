import { describe, expect, test } from "vitest";
import { mapSet, orderedMapFrom } from "../../models/kernel/index.ts";
import { flowKey } from "../../models/proxy/index.ts";
import { ClusterDrill, type Loose, objectOf } from "../cluster/testing.ts";
import { requestsFailForAReason } from "./requests-fail-for-a-reason.ts";
import { flow, PROCESSES, rule, service, slice, synced } from "./testing.ts";

const plan = {
  name: "web",
  target: { kind: "service", namespace: "default", name: "web" },
  protocol: "TCP",
  port: 80,
  times: 0,
};
const tuple = (protocol: "TCP" | "UDP" = "TCP") => ({
  protocol,
  source: "10.0.1.1",
  sourcePort: 7,
  destination: "10.96.0.9",
  destinationPort: 80,
});
const packet = (protocol: "TCP" | "UDP" = "TCP") => ({
  id: "p1",
  tuple: tuple(protocol),
  step: protocol === "TCP" ? ("open" as const) : ("data" as const),
  peer: "",
});

/** A client has asked; all know the service and its slices as they are. */
function drill(...endpoints: readonly (readonly [address: string, state: string])[]) {
  const run = new ClusterDrill(requestsFailForAReason, PROCESSES, { "client-1": { results: [] } })
    .put(service("web"))
    .put(slice(...endpoints))
    .step("client-1", {
      config: { plans: [plan] },
      results: [],
      pending: orderedMapFrom([["q1", { id: "q1", number: 1 }]]),
    });
  return synced(run, [rule(["10.0.0.1"], { protocol: "TCP" })]);
}

/** The request of a client ends. */
function ends(run: ClusterDrill, outcome: string): ClusterDrill {
  const result: Loose = { number: 1, plan: "web", outcome, tuple: tuple(), network: "proxy-1", pod: "" };
  return run.step("client-1", { results: [result], pending: orderedMapFrom([]) });
}

/** The proxy turns it away. */
function rejected(run: ClusterDrill): ClusterDrill {
  run.send("client-1", "proxy-1", { kind: "netPacket", packet: packet() });
  run.send("proxy-1", "client-1", { kind: "netReply", id: "p1", outcome: "refused", pod: "", peer: "" });
  return ends(run, "refused");
}

describe("a request that is turned away", () => {
  test("had no ready endpoint at the proxy's version", () => {
    expect(rejected(drill(["10.0.0.1", "leaving"])).violated).toBeNull();
    expect(rejected(drill().put(slice(["10.0.0.1", "ready"]))).violated, "it is not told yet").toBeNull();
  });

  test("had one", () => {
    expect(rejected(drill(["10.0.0.1", "ready"])).violated).toMatch(
      /request 1 of client-1 to default\/web was turned away by proxy-1, which had 10.0.0.1 as a ready endpoint/,
    );
  });
});

describe("a request that is sent on", () => {
  const sent = (run: ClusterDrill, address: string) => {
    run.send("client-1", "proxy-1", { kind: "netPacket", packet: packet() });
    return run.send("proxy-1", "runtime-1", {
      kind: "netDeliver",
      packet: packet(),
      client: "client-1",
      address,
      port: 1,
    });
  };

  test("to an endpoint, and is lost, or finds nobody there", () => {
    const run = sent(drill(["10.0.0.1", "ready"], ["10.0.0.2", "dead"]), "10.0.0.1");
    expect(ends(run, "timedOut").violated).toBeNull();
  });

  test("to what is none", () => {
    expect(sent(drill(["10.0.0.1", "ready"]), "10.0.0.3").violated).toMatch(/to 10.0.0.3, which is no endpoint/);
  });
});

test("a datagram goes by no flow that began without a rule", () => {
  const run = (target: string | null, protocol: "TCP" | "UDP") => {
    const own = drill(["10.0.0.1", "ready"]);
    synced(own, [rule(["10.0.0.1"], { protocol })]);
    const { kernel } = own.process("proxy-1").state as Loose;
    const one = flow(target);
    const flows = mapSet(kernel.flows, flowKey(one.tuple), one);
    const input: Loose = { kind: "receive", from: "client-1", message: { kind: "netPacket", packet: packet("UDP") } };
    return own.step("proxy-1", { kernel: { ...kernel, flows } }, input).violated;
  };
  expect(run("10.0.0.1", "UDP")).toBeNull();
  expect(run(null, "TCP"), "no rule is for it").toBeNull();
  expect(run(null, "UDP")).toMatch(/a datagram for default\/web goes by a flow of proxy-1 that began without a rule/);
});

test("what a server of names has seen has a name", () => {
  const informers = (version: number, namespaces: number) =>
    ["services", "endpointslices", "namespaces"].map((resource) => ({
      spec: { resource },
      resourceVersion: String(resource === "namespaces" ? namespaces : version),
    }));
  const unnamed = (version: number, code: string, namespaces = 9) => {
    const run = new ClusterDrill(requestsFailForAReason, [...PROCESSES, "dns-1"], {
      "client-1": { results: [] },
      "dns-1": { kind: "dns", api: { informers: informers(version, namespaces) } },
    });
    run
      .put(objectOf("Namespace", "default"))
      .put(service("web"))
      .step("client-1", {
        config: { plans: [plan] },
        results: [],
        pending: orderedMapFrom([["q1", { id: "q1", number: 1 }]]),
      });
    run.send("dns-1", "client-1", { kind: "dnsAnswer", id: "q1", result: { code, records: [] } } as Loose);
    return ends(run, "noSuchName").violated;
  };
  expect(unnamed(1, "NXDOMAIN"), "it is not told yet").toBeNull();
  expect(unnamed(9, "NXDOMAIN", 1), "it does not know the namespace yet").toBeNull();
  expect(unnamed(9, "SERVFAIL"), "it is not ready").toBeNull();
  expect(unnamed(9, "NXDOMAIN")).toMatch(/has found no such name, and the server of names knew of it/);
});
