import { beforeEach, describe, expect, test } from "vitest";
import { mapEntries, mapGet } from "../../kernel/index.ts";
import {
  createRequest,
  deleteCollectionRequest,
  deleteRequest,
  patchRequest,
  updateRequest,
} from "../../machinery/client/requests.ts";
import type { Service, ServiceSpec } from "../../machinery/kinds/index.ts";
import { raftRules } from "../../raft/index.ts";
import { type MemberState, storeMember } from "../../store/index.ts";
import { testConfig } from "../../store/testing/cluster.ts";
import { fromObject, fromStored, RANGE_KEYS, type RangeName, rangesOf, takenIn } from "../allocation/index.ts";
import { apiServer, apiServerConfig } from "../index.ts";
import { ServerWorld } from "../testing/world.ts";

const SECOND = 1_000_000;
const SERVERS = ["a", "b"] as const;
let world: ServerWorld;

beforeEach(() => {
  world = new ServerWorld();
  world.start("m1", storeMember(raftRules), testConfig("m1", ["m1"], { watchWindow: 1000 }));
  for (const id of SERVERS) world.start(id, apiServer, apiServerConfig(id, ["m1"]));
  world.advance(5 * SECOND);
});

const service = (name: string, spec: Partial<ServiceSpec> = {}): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "default" },
  spec: { ports: [{ port: 80 }], ...spec },
});

/** What is given out of a range, as the store has it. */
function taken(name: RangeName): readonly string[] {
  const { raft } = world.server("m1") as unknown as MemberState;
  const value = mapGet(raft.application.keys, RANGE_KEYS[name])!.at(-1)!.value;
  return takenIn(fromObject(fromStored(value), rangesOf(apiServerConfig("a", []))[name])!);
}

describe("a new service", () => {
  test("gets an address, and node ports where it wants them; the ranges are no objects of the API", () => {
    const made = world.object<Service>("a", createRequest(service("x", { type: "NodePort" })));
    expect(made.spec.clusterIP).toMatch(/^10\.96\.0\.\d+$/);
    expect(made.spec.clusterIPs).toEqual([made.spec.clusterIP]);
    expect(taken("serviceips")).toEqual([made.spec.clusterIP]);
    expect(taken("servicenodeports")).toEqual([String(made.spec.ports![0]!.nodePort)]);
    expect(world.server("a").caches.filter(({ resource }) => resource.includes("range"))).toEqual([]);
  });

  test("that is headless or an external name gets none", () => {
    world.object("a", createRequest(service("x", { clusterIP: "None" })));
    world.object("a", createRequest(service("y", { type: "ExternalName", externalName: "example.com", ports: [] })));
    expect(taken("serviceips")).toEqual([]);
  });

  test("gets what it asks for, once", () => {
    world.object("a", createRequest(service("x", { clusterIP: "10.96.0.9" })));
    const { code, message } = world.failure("b", createRequest(service("y", { clusterIP: "10.96.0.9" })));
    expect([code, message]).toEqual([
      422,
      'Service "y" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.9"]: failed to allocate IP 10.96.0.9: provided IP is already allocated',
    ]);
    const other = world.failure("b", createRequest(service("y", { clusterIP: "10.97.0.9" })));
    expect(other.message).toContain("The range of valid IPs is 10.96.0.0/24");
  });

  test("of a name that is there gives back what it took", () => {
    const { spec } = world.object<Service>("a", createRequest(service("x")));
    expect(world.failure("b", createRequest(service("x"))).reason).toBe("AlreadyExists");
    expect(taken("serviceips")).toEqual([spec.clusterIP]);
    expect(world.notes.get("apiserver/allocation/given-back-unused")).toBe(1);
  });

  test("whose port is refused gives its address back", () => {
    world.object("a", createRequest(service("x", { type: "NodePort", ports: [{ port: 80, nodePort: 30_080 }] })));
    const before = taken("serviceips");
    const second = service("y", { type: "NodePort", ports: [{ port: 80, nodePort: 30_080 }] });
    expect(world.failure("a", createRequest(second)).message).toBe(
      'Service "y" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    );
    expect(taken("serviceips")).toEqual(before);
  });

  test("that asks for what another server hands out meanwhile is refused (kubernetes#43233)", () => {
    const ask = (name: string) => createRequest(service(name, { clusterIP: "10.96.0.9" }));
    // The range is read by `a`, and then written by `b`.
    const id = world.meanwhile(ask("x"), 1, () => void world.object("b", ask("y")));
    expect(world.answer(id)).toMatchObject({ kind: "status", status: { code: 422 } });
    expect(world.notes.get("apiserver/allocation/range-changed-in-between")).toBe(1);
  });

  test("without an outcome keeps what it took; what nobody has is freed at the third sighting", () => {
    // The range is read and written; the create is lost.
    let calls = 0;
    world.lose = ({ from, to, message }) => from === "a" && to === "m1" && message.kind === "call" && ++calls > 2;
    const id = world.send("a", createRequest(service("x")));
    world.advance(20 * SECOND);
    world.lose = () => false;
    expect(world.answer(id)).toMatchObject({ kind: "status", status: { code: 504 } });
    expect(taken("serviceips").length).toBe(1);
    world.stop("a");
    world.advance(360 * SECOND);
    expect(taken("serviceips").length).toBe(1);
    world.advance(180 * SECOND);
    expect(taken("serviceips")).toEqual([]);
    expect(world.notes.get("apiserver/allocation/leak-freed")).toBe(1);
  });

  test("cannot be made before the first repair, and soon after it", () => {
    world.lose = ({ from, message }) => from === "c" && JSON.stringify(message).includes("/registry/ranges");
    world.start("c", apiServer, apiServerConfig("c", ["m1"]));
    world.advance(15 * SECOND);
    expect(mapEntries(world.server("c").calls).length).toBe(2);
    world.lose = () => false;
    world.advance(15 * SECOND);
    expect(world.server("c").repairs.map(({ hasRun }) => hasRun)).toEqual([true, true]);
  });
});

describe("an update", () => {
  const made = (name: string, spec: Partial<ServiceSpec> = {}) =>
    world.object<Service>("a", createRequest(service(name, spec)));

  test("keeps what it does not name", () => {
    const { spec, metadata } = made("x", { type: "NodePort" });
    const after = world.object<Service>("a", updateRequest(service("x", { type: "NodePort" })));
    expect(after.spec).toEqual(spec);
    expect(after.metadata.resourceVersion).toBe(metadata.resourceVersion);
  });

  test("of the type takes and gives back node ports", () => {
    const { spec } = made("x");
    const type = (value: string) => patchRequest("services", "default", "x", { spec: { type: value } });
    const open = world.object<Service>("a", type("NodePort"));
    expect(open.spec.clusterIP).toBe(spec.clusterIP);
    expect(taken("servicenodeports")).toEqual([String(open.spec.ports![0]!.nodePort)]);
    const closed = world.object<Service>("a", type("ClusterIP"));
    expect(closed.spec).toEqual(spec);
    expect(taken("servicenodeports")).toEqual([]);
  });

  test("that comes too late gives back what it took, and is tried anew", () => {
    made("x");
    const type = patchRequest("services", "default", "x", { spec: { type: "NodePort" } });
    const label = patchRequest("services", "default", "x", { metadata: { labels: { k: "v" } } });
    // The service is read, the range read and written.
    const id = world.meanwhile(type, 3, () => void world.object("b", label));
    expect(world.answer(id)).toMatchObject({
      object: { metadata: { labels: { k: "v" } }, spec: { type: "NodePort" } },
    });
    expect(taken("servicenodeports").length).toBe(1);
    expect(world.notes.get("apiserver/allocation/given-back-unused")).toBe(1);
  });

  test("of a load balancer's own port is refused", () => {
    const { spec } = made("x", { type: "LoadBalancer", externalTrafficPolicy: "Local" });
    expect(spec.healthCheckNodePort).toBeGreaterThan(29_999);
    expect(taken("servicenodeports").length).toBe(2);
    const patch = patchRequest("services", "default", "x", { spec: { healthCheckNodePort: 30_001 } });
    expect(world.failure("a", patch).message).toContain("spec.healthCheckNodePort: Forbidden: field is immutable");
  });
});

describe("a deletion gives back", () => {
  test("of one service, of a collection, and by the last finalizer", () => {
    for (const name of ["x", "y", "z"]) world.object("a", createRequest(service(name, { type: "NodePort" })));
    world.call("a", deleteRequest("services", "default", "x"));
    expect(taken("serviceips").length).toBe(2);
    const finalizers = (value: readonly string[]) =>
      patchRequest("services", "default", "y", { metadata: { finalizers: value } }, { type: "merge" });
    world.object("a", finalizers(["example.com/f"]));
    world.call("a", deleteRequest("services", "default", "y"));
    expect(taken("serviceips").length).toBe(2);
    world.object("a", finalizers([]));
    expect(taken("serviceips").length).toBe(1);
    world.call("a", deleteCollectionRequest("services", "default"));
    expect(taken("serviceips")).toEqual([]);
    expect(taken("servicenodeports")).toEqual([]);
  });
});
