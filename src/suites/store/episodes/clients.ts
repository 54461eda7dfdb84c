import { unreachable } from "../../../../models/kernel/index.ts";
import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import type { Fault } from "../../../simulator/faults.ts";
import { ELECTED } from "../../shared/episodes.ts";
import { ACCOUNTS, type Place, VALUE } from "../doing.ts";
import type { StoreOperation } from "../scenario.ts";
import { beginning, few, type StoreEpisode, type StoreSetting, someone } from "./setting.ts";

/** The leader goes just after writes, and who is elected in its place is asked at once (etcd#12680). */
export function newLeaderReads(setting: StoreSetting): Arbitrary<StoreEpisode> {
  const { doing, electionTimeoutMs: timeout } = setting;
  return fc
    .record({
      atMs: beginning(setting),
      writes: few,
      how: fc.constantFrom("pause" as const, "kill" as const, "partition" as const),
      goneMs: fc.integer({ min: timeout * 2, max: timeout * 5 }),
      reads: fc.integer({ min: 1, max: 3 }),
      leaderMs: fc.integer({ min: 0, max: 20 }),
      // As soon as a client knows of a write: the others know of the entry, and not yet that it is committed.
      answered: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 2 }),
    })
    .map(({ atMs, writes, how, goneMs, reads, leaderMs, answered }) => {
      const begins =
        answered === null
          ? { atMs: atMs + leaderMs }
          : {
              atMs,
              on: { process: "leader", effect: "send", detail: "answer", nth: answered, edge: "after" } as const,
            };
      const fault: Fault =
        how === "kill"
          ? { kind: how, ...begins, target: "leader", downMs: goneMs }
          : how === "pause"
            ? { kind: how, ...begins, target: "leader", durationMs: goneMs }
            : { kind: how, ...begins, side: ["leader"], direction: "both", durationMs: goneMs };
      return {
        faults: [fault],
        workload: [
          ...doing.burst(atMs, writes, "leader"),
          ...Array.from({ length: reads }, (_, i): StoreOperation => {
            return { ...doing.get(begins.atMs + i, { to: "self", all: true }), on: ELECTED };
          }),
        ],
      };
    });
}

/**
 * A member that does not hear the leader wins an election, and the leader does not hear of that: for a while there are two,
 * and both are asked (raft 926a44a). The one must not be elected while the other reads by its lease.
 */
export function usurper(setting: StoreSetting): Arbitrary<StoreEpisode> {
  const { doing, members, electionTimeoutMs: timeout } = setting;
  return fc
    .record({
      atMs: beginning(setting, timeout * 4),
      member: fc.constantFrom(...members),
      heldMs: fc.integer({ min: Math.ceil(timeout / 2), max: timeout * 2 }),
      asks: fc.integer({ min: 4, max: 12 }),
    })
    .map(({ atMs, member, heldMs, asks }) => {
      const campaigns = { process: member, effect: "send", detail: "requestVote", nth: 1, edge: "after" } as const;
      const cut = { atMs, durationMs: timeout * 4, loss: 1 };
      const everyMs = (timeout * 2) / asks;
      return {
        faults: [
          { kind: "link", ...cut, from: "leader", to: member },
          { kind: "link", ...cut, from: member, to: "leader" },
          ...members.map((from): Fault => {
            return { kind: "clog", atMs: atMs + 1, on: campaigns, from, to: "leader", durationMs: heldMs };
          }),
        ],
        workload: Array.from({ length: asks }, (_, i) => atMs + timeout + Math.round(i * everyMs)).flatMap((askMs) => [
          doing.put(askMs, "leader"),
          doing.get(askMs + Math.round(everyMs / 2), { to: "staleLeader", all: true }),
        ]),
      };
    });
}

/**
 * A member has asked whether what it has is the latest, and the answer is held up; meanwhile others write, and more reads
 * come to it (etcd#20418).
 */
export function heldConfirmation(setting: StoreSetting): Arbitrary<StoreEpisode> {
  const { doing, members, electionTimeoutMs: timeout } = setting;
  return fc
    .record({
      atMs: beginning(setting),
      member: fc.constantFrom(...members),
      asks: fc.constantFrom("readIndex", "readIndex", "appendEntries"),
      heldMs: fc.integer({ min: 20, max: Math.max(30, timeout) }),
      pausedMs: fc.option(fc.integer({ min: 10, max: timeout * 3 }), { freq: 2 }),
      writes: few,
      reads: fc.integer({ min: 1, max: 4 }),
    })
    .map(({ atMs, member, asks, heldMs, pausedMs, writes, reads }) => {
      const on = { process: member, effect: "send", detail: asks, nth: 1, edge: "after" } as const;
      const faults: Fault[] = members
        .filter((other) => other !== member)
        .map((from) => ({ kind: "clog", atMs, on, from, to: member, durationMs: heldMs }));
      if (pausedMs !== null) faults.push({ kind: "pause", atMs: atMs + 5, on, target: member, durationMs: pausedMs });
      const between = (i: number, n: number) => atMs + 10 + Math.floor(((heldMs - 10) * (i + 1)) / (n + 1));
      return {
        faults,
        workload: [
          doing.get(atMs, { to: member, all: true }),
          doing.get(atMs + 1, { to: member, all: true }),
          ...Array.from({ length: writes }, (_, i) => doing.put(between(i, writes * 2), "leader")),
          ...Array.from({ length: reads }, (_, i) =>
            doing.get(between(reads + i, reads * 2), { to: member, all: true }),
          ),
        ],
      };
    });
}

type Contended = "increment" | "transfer" | "set" | "queue";

/** @param adds where there are two sides to it: what puts in, and what looks or takes out */
function contend(what: Contended, adds: boolean, asked: Place & { readonly atMs: number }): StoreOperation {
  switch (what) {
    case "increment":
      return { kind: "increment", ...asked, key: "counter/1", count: 3 };
    case "transfer":
      // One account is between two others, so that transfers meet in one account and not always in both.
      return { kind: "transfer", ...asked, fromKey: ACCOUNTS[adds ? 0 : 1], toKey: ACCOUNTS[adds ? 1 : 2], amount: 1 };
    case "set":
      if (!adds) return { kind: "setRead", ...asked, set: "set" };
      return { kind: "setAdd", ...asked, set: "set", element: VALUE, count: 2 };
    case "queue":
      if (!adds) return { kind: "dequeue", ...asked, queue: "queue", count: 2 };
      return { kind: "enqueue", ...asked, queue: "queue", value: VALUE, count: 2 };
    default:
      return unreachable(what);
  }
}

/** Many clients change the same few things at once, by every recipe that must not lose a change. */
export function contention(setting: StoreSetting): Arbitrary<StoreEpisode> {
  const what = fc.constantFrom<Contended[]>("increment", "transfer", "set", "queue");
  return fc
    .record({
      atMs: beginning(setting),
      what,
      by: fc.array(fc.record({ place: someone(setting), afterMs: fc.nat({ max: 15 }), adds: fc.boolean() }), {
        minLength: 3,
        maxLength: 10,
      }),
      gone: fc.option(fc.constantFrom("leader", ...setting.clients), { freq: 2 }),
    })
    .map(({ atMs, what, by, gone }) => ({
      workload: by.map(({ place, afterMs, adds }) => contend(what, adds, { atMs: atMs + afterMs, ...place })),
      faults: gone === null ? [] : [{ kind: "kill", atMs: atMs + 20, target: gone, downMs: 200 }],
    }));
}

/** A client dies, or no member hears it, with something under way; it comes back without knowing of it. */
export function lostClient(setting: StoreSetting): Arbitrary<StoreEpisode> {
  const { doing, electionTimeoutMs: timeout } = setting;
  return fc
    .record({
      atMs: beginning(setting),
      who: someone(setting),
      writes: few,
      how: fc.constantFrom("kill" as const, "pause" as const, "in" as const, "out" as const),
      nth: fc.integer({ min: 1, max: 4 }),
      lastsMs: fc.integer({ min: 1, max: timeout * 4 }),
    })
    .map(({ atMs, who, writes, how, nth, lastsMs }) => {
      const on = { process: who.client, effect: "send", detail: "call", nth, edge: "after" } as const;
      const fault: Fault =
        how === "kill"
          ? { kind: how, atMs, on, target: "self", downMs: lastsMs }
          : how === "pause"
            ? { kind: how, atMs, on, target: "self", durationMs: lastsMs }
            : { kind: "partition", atMs, on, side: ["self"], direction: how, durationMs: lastsMs };
      const mine = doing.as(who);
      return {
        faults: [fault],
        workload: [
          ...mine.burst(atMs, writes),
          ...doing.burst(atMs + 10, 2),
          mine.get(atMs + lastsMs + 100, { all: true }),
          ...mine.burst(atMs + lastsMs + 120, 2),
        ],
      };
    });
}
