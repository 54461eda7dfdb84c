import { describe, expect, test } from "vitest";
import { emptyOrderedMap, mapGet } from "../../kernel/index.ts";
import type { Service, ServiceSpec } from "../../machinery/kinds/index.ts";
import {
  fromObject,
  give,
  heldIP,
  heldPorts,
  ipRange,
  ipStaticBand,
  isTaken,
  planOfCreate,
  planOfDelete,
  planOfUpdate,
  portRange,
  portStaticBand,
  type Range,
  type Ranges,
  repaired,
  startJob,
  stepJob,
  take,
  takeNext,
  takenIn,
  toObject,
  withAllocated,
  withoutTypeDependent,
} from "./index.ts";
import { RepairLoop, Request, Shelf } from "./testing/shelf.ts";

const PORTS = portRange("30000-32767")!;
const RANGES: Ranges = { serviceips: ipRange("10.96.0.0/24"), servicenodeports: PORTS };

function service(name: string, spec: Partial<ServiceSpec> = {}): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default", uid: `uid-${name}` },
    spec: { type: "ClusterIP", ports: [{ port: 80, protocol: "TCP" }], ...spec },
  };
}

function all(range: Range, salt = "x"): readonly string[] {
  const items: string[] = [];
  for (let current = range; ; ) {
    const got = takeNext(current, salt);
    if (got === null) return items;
    items.push(got.item);
    current = got.range;
  }
}

describe("ranges", () => {
  test.each([
    ["10.0.0.0/8", 256],
    ["10.96.0.0/12", 256],
    ["10.0.0.0/16", 256],
    ["10.0.0.0/20", 256],
    ["10.0.0.0/24", 16],
    ["10.0.0.0/28", 16],
    ["10.0.0.0/29", 0],
    ["2001:db8::/120", 16],
    ["2001:db8::/64", 256],
  ])("the static band of %s has %i places (KEP-3070)", (cidr, band) => expect(ipRange(cidr).staticBand).toBe(band));

  test("bands by size", () => {
    expect([15, 16, 300, 4_096, 100_000].map(ipStaticBand)).toEqual([0, 16, 18, 256, 256]);
    expect([15, 16, 1_024, 2_768, 100_000].map(portStaticBand)).toEqual([0, 16, 32, 86, 128]);
    expect(PORTS.staticBand).toBe(86);
  });

  test("neither the network's address nor the broadcast is given out", () => {
    const range = ipRange("10.96.0.0/28");
    expect(range.size).toBe(14);
    const items = all(range);
    expect(new Set(items).size).toBe(14);
    expect(items).not.toContain("10.96.0.0");
    expect(items).not.toContain("10.96.0.15");
    expect(take(range, "10.96.0.0")).toMatchObject({ kind: "outside" });
    expect(take(range, "10.96.0.15")).toMatchObject({
      message: "provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/28",
    });
  });

  test("the static band comes last", () => {
    const range = ipRange("10.96.0.0/24");
    const items = all(range, "some service").map((item) => Number(item.split(".")[3]) - 1);
    expect(items.slice(0, 238).every((at) => at >= 16)).toBe(true);
    expect(items.slice(238).every((at) => at < 16)).toBe(true);
    expect(items).toHaveLength(254);
    const ports = all(PORTS).map(Number);
    expect(Math.min(...ports.slice(0, 2_768 - 86))).toBe(30_086);
    expect(ports).toHaveLength(2_768);
  });

  test("another who asks begins elsewhere, the same begins there again", () => {
    const range = ipRange("10.96.0.0/12");
    expect(takeNext(range, "a")!.item).toBe(takeNext(range, "a")!.item);
    expect(takeNext(range, "a")!.item).not.toBe(takeNext(range, "b")!.item);
  });

  test("taken once, and again when given back; what was not taken is no error to give", () => {
    const one = take(PORTS, "30080") as Range;
    expect(take(one, "30080")).toEqual({ kind: "taken", message: "provided port is already allocated" });
    expect(take(one, "8080")).toMatchObject({
      message: "provided port is not in the valid range. The range of valid ports is 30000-32767",
    });
    expect(give(give(one, "30080"), "30080").used.count).toBe(0);
    expect(give(PORTS, "80")).toBe(PORTS);
  });

  test("the object of the store holds the bitmap as Go's big.Int writes it, and gives it back", () => {
    let range: Range = ipRange("10.96.0.0/12");
    for (const item of ["10.96.0.1", "10.96.0.2", "10.96.0.10"]) range = take(range, item) as Range;
    const object = toObject(range, "serviceips");
    // Bits 0, 1 and 9: 0x0203.
    expect(object).toMatchObject({ kind: "RangeAllocation", range: "10.96.0.0/12", data: "AgM=" });
    expect(takenIn(fromObject(object, ipRange("10.96.0.0/12"))!)).toEqual(["10.96.0.1", "10.96.0.2", "10.96.0.10"]);
    expect(fromObject(object, ipRange("10.97.0.0/16"))).toBeNull();
    const full = all(ipRange("10.0.0.0/22")).reduce((r, item) => take(r, item) as Range, ipRange("10.0.0.0/22"));
    expect(fromObject(toObject(full, "x"), ipRange("10.0.0.0/22"))!.used).toEqual(full.used);
  });
});

describe("what a service takes and gives back", () => {
  const before = (given: Service) =>
    planOfCreate(given).before.flatMap(({ range, take: wishes }) =>
      wishes.map(({ item, place }) => `${range} ${place.kind} ${item || "any"}`),
    );

  test.each<[string, Partial<ServiceSpec>, readonly string[]]>([
    ["ClusterIP", {}, ["serviceips clusterIP any"]],
    ["of its own", { clusterIP: "10.96.0.9" }, ["serviceips clusterIP 10.96.0.9"]],
    ["headless", { clusterIP: "None" }, []],
    ["ExternalName", { type: "ExternalName", externalName: "example.com" }, []],
    ["NodePort", { type: "NodePort" }, ["serviceips clusterIP any", "servicenodeports nodePort any"]],
    [
      "LoadBalancer with local traffic",
      { type: "LoadBalancer", externalTrafficPolicy: "Local" },
      ["serviceips clusterIP any", "servicenodeports nodePort any", "servicenodeports healthCheckNodePort any"],
    ],
    [
      "LoadBalancer without node ports",
      { type: "LoadBalancer", allocateLoadBalancerNodePorts: false },
      ["serviceips clusterIP any"],
    ],
  ])("%s", (_, spec, wishes) => expect(before(service("a", spec))).toEqual(wishes));

  test("one number for two protocols is one node port", () => {
    const ports = [
      { name: "dns", port: 53, protocol: "UDP" },
      { name: "dns-tcp", port: 53, protocol: "TCP" },
    ] as const;
    const shelf = ready();
    const made = new Request(shelf, RANGES, service("dns", { type: "NodePort", ports }), "create").run();
    expect(made.outcome).toBe("done");
    const [one, two] = made.service.spec.ports!;
    expect(one!.nodePort).toBe(two!.nodePort);
    const named = [{ ...ports[0], nodePort: 30_053 }, ports[1]];
    const other = new Request(shelf, RANGES, service("dns-2", { type: "NodePort", ports: named }), "create").run();
    expect(other.service.spec.ports!.map(({ nodePort }) => nodePort)).toEqual([30_053, 30_053]);
    expect(heldPorts(other.service)).toEqual([30_053]);
  });

  test("changes of type", () => {
    const nodePort = service("a", {
      type: "NodePort",
      clusterIP: "10.96.0.9",
      clusterIPs: ["10.96.0.9"],
      ports: [{ port: 80, protocol: "TCP", nodePort: 30_080 }],
      externalTrafficPolicy: "Cluster",
    });
    const to = (spec: Partial<ServiceSpec>, old = nodePort): Service => {
      const asked = { ...old, spec: { ports: [{ port: 80, protocol: "TCP" as const }], ...spec } };
      return withoutTypeDependent(withAllocated(asked, old), old);
    };
    // An update that says nothing of them keeps them.
    const same = to({ type: "NodePort" });
    expect(same.spec).toMatchObject({ clusterIP: "10.96.0.9", ports: [{ nodePort: 30_080 }] });
    expect(planOfUpdate(same, nodePort)).toEqual({ before: [], after: [] });
    const internal = to({ ...nodePort.spec, type: "ClusterIP" });
    expect(internal.spec).toEqual({
      type: "ClusterIP",
      clusterIP: "10.96.0.9",
      clusterIPs: ["10.96.0.9"],
      ports: [{ port: 80, protocol: "TCP" }],
    });
    expect(planOfUpdate(internal, nodePort).after).toEqual([{ range: "servicenodeports", take: [], give: ["30080"] }]);
    const external = to({ ...nodePort.spec, type: "ExternalName", externalName: "example.com" });
    expect(external.spec.clusterIP).toBeUndefined();
    expect(planOfUpdate(external, nodePort).after.map((change) => change.give)).toEqual([["10.96.0.9"], ["30080"]]);
    const back = to({ type: "ClusterIP" }, external);
    expect(planOfUpdate(back, external).before.map(({ range }) => range)).toEqual(["serviceips"]);
    const balanced = to({ type: "LoadBalancer", externalTrafficPolicy: "Local" });
    expect(balanced.spec.ports![0]!.nodePort).toBe(30_080);
    expect(planOfUpdate(balanced, nodePort).before).toMatchObject([
      { range: "servicenodeports", take: [{ item: "", place: { kind: "healthCheckNodePort" } }] },
    ]);
  });

  test("the health check's port is one of those that it holds (kubernetes#54885)", () => {
    const held = service("a", { type: "LoadBalancer", healthCheckNodePort: 30_500, externalTrafficPolicy: "Local" });
    expect(heldPorts(held)).toEqual([30_500]);
    expect(planOfDelete(held, []).after).toMatchObject([{ give: ["30500"] }]);
  });

  test("a port that two services have stays taken when one of them goes (kubernetes#64466)", () => {
    const ports = [{ port: 80, protocol: "TCP" as const, nodePort: 30_080 }];
    const [one, two] = [service("a", { type: "NodePort", ports }), service("b", { type: "NodePort", ports })];
    expect(planOfDelete(one, [one, two]).after).toEqual([]);
    expect(planOfDelete(one, [one]).after).toMatchObject([{ give: ["30080"] }]);
  });
});

/** A store whose ranges the repair loops have made. */
function ready(ranges: Ranges = RANGES): Shelf {
  const shelf = new Shelf();
  new RepairLoop(shelf, ranges, "serviceips").run();
  new RepairLoop(shelf, ranges, "servicenodeports").run();
  return shelf;
}

describe("over the store", () => {
  test("before the first repair nothing can be allocated", () => {
    const made = new Request(new Shelf(), RANGES, service("a"), "create").run();
    expect([made.outcome, made.message]).toEqual([
      "refused",
      "Internal error occurred: cannot allocate resources of type serviceips at this time",
    ]);
  });

  test("what was taken for a service that is refused is given back", () => {
    const shelf = ready();
    const ports = [{ port: 80, protocol: "TCP" as const, nodePort: 30_080 }];
    new Request(shelf, RANGES, service("a", { type: "NodePort", ports }), "create").run();
    const used = shelf.ranges.get("/registry/ranges/serviceips")!.object.data;
    const refused = new Request(shelf, RANGES, service("b", { type: "NodePort", ports }), "create").run();
    expect(refused.message).toBe(
      'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    );
    expect(shelf.ranges.get("/registry/ranges/serviceips")!.object.data).toBe(used);
    const twice = new Request(shelf, RANGES, service("c", { clusterIP: "10.97.0.1" }), "create").run();
    expect(twice.message).toContain(
      'spec.clusterIPs: Invalid value: ["10.97.0.1"]: failed to allocate IP 10.97.0.1: provided IP is not in the valid range',
    );
  });

  test("two servers want one port: the store lets one of them have it (kubernetes#43233)", () => {
    const shelf = ready();
    const ports = [{ port: 80, protocol: "TCP" as const, nodePort: 30_080 }];
    const one = new Request(shelf, RANGES, service("a", { type: "NodePort", ports }), "create");
    const two = new Request(shelf, RANGES, service("b", { type: "NodePort", ports }), "create");
    while (one.step() || two.step()) two.step();
    expect([one.outcome, two.outcome].sort()).toEqual(["done", "refused"]);
  });

  test("two servers that begin at the same place get different addresses", () => {
    const shelf = ready();
    const twin = { ...service("a").metadata };
    const one = new Request(shelf, RANGES, service("a"), "create");
    const two = new Request(shelf, RANGES, { ...service("a"), metadata: { ...twin } }, "create");
    for (let i = 0; i < 3; i++) {
      one.step();
      two.step();
    }
    expect(
      takenIn(fromObject(shelf.ranges.get("/registry/ranges/serviceips")!.object, RANGES.serviceips)!),
    ).toHaveLength(1);
    one.run();
    two.run();
    expect([one.outcome, two.outcome]).toEqual(["done", "refused"]);
    expect(takenIn(fromObject(shelf.ranges.get("/registry/ranges/serviceips")!.object, RANGES.serviceips)!)).toEqual([
      heldIP(one.service),
    ]);
  });

  test("a write whose outcome is not known is refused, and left to the repair loop", () => {
    const { before } = planOfCreate(service("a"));
    let [job, move] = startJob(service("a"), before);
    const object = toObject(RANGES.serviceips, "serviceips");
    [job, move] = stepJob(job, RANGES, { kind: "range", object, revision: 5 });
    expect(move).toMatchObject({ kind: "write", revision: 5 });
    [job, move] = stepJob(job, RANGES, { kind: "failed", unknown: true });
    expect(move).toMatchObject({ kind: "refused", status: { code: 504 }, undo: [] });
  });
});

describe("repair", () => {
  const has = (shelf: Shelf, item: string) =>
    isTaken(fromObject(shelf.ranges.get("/registry/ranges/serviceips")!.object, RANGES.serviceips)!, item);

  test("a leak is freed at the third sighting (kubernetes#37488)", () => {
    const shelf = ready();
    const lost = new Request(shelf, RANGES, service("a"), "create");
    for (let i = 0; i < 3; i++) lost.step();
    lost.crash();
    const [item] = takenIn(fromObject(shelf.ranges.get("/registry/ranges/serviceips")!.object, RANGES.serviceips)!);
    const loop = new RepairLoop(shelf, RANGES, "serviceips");
    const reasons: string[] = [];
    for (let i = 0; i < 3; i++) {
      const move = loop.run();
      reasons.push(move.kind === "rest" ? `${move.problems[0]?.reason} ${has(shelf, item!)}` : "");
    }
    expect(reasons).toEqual(["MayHaveLeaked true", "MayHaveLeaked true", "Leaked false"]);
    loop.run();
    expect(loop.repair.leaks.size).toBe(0);
  });

  test("an address that is taken and comes into use between two looks is no leak", () => {
    const shelf = ready();
    const slow = new Request(shelf, RANGES, service("a"), "create");
    const loop = new RepairLoop(shelf, RANGES, "serviceips");
    for (let i = 0; i < 3; i++) slow.step();
    loop.run();
    loop.run();
    slow.run();
    loop.run();
    loop.run();
    expect(slow.outcome).toBe("done");
    expect(has(shelf, heldIP(slow.service))).toBe(true);
    expect(loop.repair.leaks.size).toBe(0);
  });

  test("addresses of services that are not marked are marked; those of two are told of", () => {
    const [one, two, far] = [
      service("a", { clusterIP: "10.96.0.5" }),
      service("b", { clusterIP: "10.96.0.5" }),
      service("c", { clusterIP: "10.200.0.5" }),
    ];
    const empty = RANGES.serviceips;
    const { range, problems } = repaired(empty, empty, [one!, two!, far!], emptyOrderedMap());
    expect(takenIn(range)).toEqual(["10.96.0.5"]);
    expect(problems.map(({ reason, service: name }) => `${reason} ${name}`)).toEqual([
      "NotAllocated default/a",
      "AlreadyAllocated default/b",
      "OutOfRange default/c",
    ]);
  });

  test("the leaks of one look are those of the next", () => {
    const stored = take(RANGES.serviceips, "10.96.0.7") as Range;
    const first = repaired(stored, RANGES.serviceips, [], emptyOrderedMap());
    expect(mapGet(first.leaks, "10.96.0.7")).toBe(1);
    const used = repaired(stored, RANGES.serviceips, [service("a", { clusterIP: "10.96.0.7" })], first.leaks);
    expect(used.leaks.size).toBe(0);
  });

  test("a write in between is not undone: the loop begins anew", () => {
    const shelf = ready();
    const loop = new RepairLoop(shelf, RANGES, "serviceips");
    loop.start();
    loop.step();
    const made = new Request(shelf, RANGES, service("a"), "create").run();
    while (loop.step());
    expect(has(shelf, heldIP(made.service))).toBe(true);
  });
});

/** Numbers in a fixed, well mixed order. */
function* chance(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

test("servers, crashes and repairs in any order: no two services share an address or a port, and nothing leaks for good", () => {
  const ranges: Ranges = { serviceips: ipRange("10.96.0.0/27"), servicenodeports: portRange("30000-30039")! };
  for (let seed = 1; seed <= 20; seed++) {
    const random = chance(seed);
    const draw = (n: number): number => Math.floor(random.next().value * n);
    const shelf = ready(ranges);
    const loops = (["serviceips", "servicenodeports"] as const).flatMap((name) => [
      new RepairLoop(shelf, ranges, name),
      new RepairLoop(shelf, ranges, name),
    ]);
    let requests: Request[] = [];
    for (let i = 0; i < 600; i++) {
      const roll = draw(10);
      if (roll < 2 && requests.length < 4) {
        const name = `s${draw(8)}`;
        const verb = draw(3) === 0 ? "delete" : "create";
        const nodePort = draw(4) === 0 ? { nodePort: 30_000 + draw(10) } : {};
        const given = service(name, { type: "NodePort", ports: [{ port: 80, protocol: "TCP", ...nodePort }] });
        requests.push(new Request(shelf, ranges, { ...given, metadata: { ...given.metadata, uid: `u${i}` } }, verb));
      } else if (roll === 2 && draw(10) === 0) requests[draw(requests.length)]?.crash();
      else if (roll === 3) {
        const loop = loops[draw(loops.length)]!;
        if (!loop.step() && draw(20) === 0) loop.start();
      } else requests[draw(requests.length)]?.step();
      requests = requests.filter(({ outcome }) => outcome === "");
      const held = shelf.list();
      const ips = held.map(heldIP);
      const ports = held.flatMap(heldPorts);
      if (new Set(ips).size !== ips.length || new Set(ports).size !== ports.length)
        throw new Error(`seed ${seed}: ${ips} ${ports}`);
    }
    for (const request of requests) request.run();
    for (let look = 0; look < 5; look++) for (const loop of loops) loop.run();
    const marked = (key: string, range: Range) => takenIn(fromObject(shelf.ranges.get(key)!.object, range)!);
    expect(marked("/registry/ranges/serviceips", ranges.serviceips), `seed ${seed}`).toEqual(
      marked("/registry/ranges/serviceips", ranges.serviceips).filter((ip) => shelf.list().map(heldIP).includes(ip)),
    );
    expect(marked("/registry/ranges/servicenodeports", ranges.servicenodeports), `seed ${seed}`).toEqual(
      shelf.list().flatMap(heldPorts).map(String).sort(),
    );
  }
});
