import { describe, expect, test } from "vitest";
import type { Fault } from "./faults.ts";
import { runToys, send, setTimer, type ToyConfig } from "./testing.ts";

/** Sends a message to a neighbour and to somebody elsewhere each 10 ms. */
const talker: ToyConfig = {
  onBoot: [setTimer("talk", 10_000)],
  onTimer: { talk: [send("b", "local"), send("c", "far"), setTimer("talk", 10_000)] },
};
const HOSTS = { a: "one", b: "one", c: "two", d: "two" };

function heard(faults: readonly Fault[], network = {}) {
  const { journal, world } = runToys({ a: talker, b: {}, c: {}, d: {} }, faults, 105, { hosts: HOSTS, network });
  return { local: journal.of("b"), far: journal.texts("c", /far/).length, world };
}

describe("processes of one host", () => {
  test("talk over a link of a few microseconds that loses, repeats and reorders nothing", () => {
    const { local, far } = heard([], { loss: 0.5, duplicate: 0.5, reorder: 1, latencyMinUs: 5000 });
    const times = local.filter((line) => line.includes("local")).map((line) => Number(line.split(" ")[0]));
    expect(times).toHaveLength(10);
    for (const [i, atMs] of times.entries()) {
      expect(atMs).toBeGreaterThanOrEqual((i + 1) * 10 + 0.02);
      expect(atMs).toBeLessThanOrEqual((i + 1) * 10 + 0.05);
    }
    expect(far).not.toBe(10);
  });

  test.each<Fault>([
    { kind: "partition", atMs: 0, durationMs: 1000, side: ["a"], direction: "both" },
    { kind: "clog", atMs: 0, durationMs: 1000, from: "a", to: "one" },
    { kind: "link", atMs: 0, durationMs: 1000, from: "one", to: "b", loss: 1 },
    { kind: "storm", atMs: 0, durationMs: 1000, loss: 1 },
  ])("hear each other through a $kind", (fault) => {
    expect(heard([fault]).local.filter((line) => line.includes("local"))).toHaveLength(10);
  });
});

describe("a fault that names a host", () => {
  test("cuts off all its processes", () => {
    const { far } = heard([{ kind: "partition", atMs: 50, durationMs: 1000, side: ["two"], direction: "both" }]);
    expect(far).toBe(4);
  });

  test("clogs all links from one host to another", () => {
    expect(heard([{ kind: "clog", atMs: 50, durationMs: 1000, from: "one", to: "two" }]).far).toBe(4);
  });

  test.each<Fault>([
    { kind: "kill", atMs: 50, downMs: 20, target: "two" },
    { kind: "crash", atMs: 50, downMs: 20, target: "two", torn: false },
  ])("$kind: takes all its processes down, and up again", (fault) => {
    const { journal } = runToys({ a: talker, b: {}, c: {}, d: {} }, [fault], 105, { hosts: HOSTS });
    for (const id of ["c", "d"]) expect(journal.texts(id, /boot|crash/)).toEqual(["boot", "crash", "boot"]);
    for (const id of ["a", "b"]) expect(journal.texts(id, /boot|crash/)).toEqual(["boot"]);
  });

  test("sets its clock off once", () => {
    const { world } = heard([{ kind: "clockJump", atMs: 0, byMs: 1000, target: "two" }]);
    expect(world.process("d").clock.offsetUs).toBe(1_000_000);
  });

  test("keeps all its processes down for good, as far as the system bears it", () => {
    const { world, faults } = runToys({ a: {}, b: {}, c: {}, d: {} }, [], 10, { hosts: HOSTS, losses: 1 });
    faults.heal(["two"]);
    expect(world.processes.map(({ status }) => status)).toEqual(["up", "up", "dead", "up"]);
  });
});
