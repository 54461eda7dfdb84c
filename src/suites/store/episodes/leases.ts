import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import type { Fault } from "../../../simulator/faults.ts";
import { VALUE } from "../doing.ts";
import type { StoreOperation } from "../scenario.ts";
import { beginning, type StoreEpisode, type StoreSetting, someone } from "./setting.ts";

/**
 * A lease lives through changes of the leader, some of which the old leader is not told of, and is renewed at the new
 * one, at the old one, or not at all (etcd#12528, #15247, PR 14253, #20813).
 */
export function leaseFailover(setting: StoreSetting): Arbitrary<StoreEpisode> {
  const { doing, members, keys, electionTimeoutMs: timeout } = setting;
  const change = fc.record({
    how: fc.constantFrom("pause" as const, "pause" as const, "partition" as const, "crash" as const, "move" as const),
    gapMs: fc.integer({ min: 50, max: timeout * 3 }),
    lastsMs: fc.integer({ min: timeout, max: timeout * 5 }),
    target: fc.constantFrom(...members),
  });
  return fc
    .record({
      atMs: beginning(setting, 6000),
      lease: fc.constantFrom(1, 2, 3),
      ttlMs: fc.constantFrom(1000, 2000, 4000),
      key: fc.constantFrom(...keys),
      holder: fc.option(someone(setting), { freq: 1 }),
      changes: fc.array(change, { minLength: 1, maxLength: 4 }),
      renewals: fc.array(
        fc.record({
          afterMs: fc.integer({ min: 10, max: 4000 }),
          to: fc.constantFrom(undefined, "leader", "staleLeader", "staleLeader"),
        }),
        { maxLength: 6 },
      ),
      revokeMs: fc.option(fc.integer({ min: 100, max: 4000 }), { freq: 2 }),
    })
    .map(({ atMs, lease, ttlMs, key, holder, changes, renewals, revokeMs }) => {
      const owner = doing.as(holder ?? doing.place(atMs));
      const place = owner.place(0);
      const workload: StoreOperation[] =
        holder === null
          ? [{ kind: "grant", atMs, ...place, lease, ttlMs }, owner.put(atMs + 1, undefined, 1, lease)]
          : [{ kind: "leaseHold", atMs, ...place, ttlMs, keys: [key], keepMs: ttlMs * 2 }];
      // Who holds one keeps it alive without being asked.
      for (const { afterMs, to } of holder === null ? renewals : []) {
        workload.push(doing.keepAlive(atMs + afterMs, lease, to));
        workload.push({ kind: "timeToLive", atMs: atMs + afterMs + 20, ...doing.place(afterMs), lease });
      }
      if (revokeMs !== null && holder === null)
        workload.push({ kind: "revoke", atMs: atMs + revokeMs, ...doing.place(revokeMs), lease });
      const faults: Fault[] = [];
      let at = atMs;
      for (const { how, gapMs, lastsMs, target } of changes) {
        at += gapMs;
        if (how === "move") workload.push({ kind: "moveLeader", atMs: at, to: "leader", target });
        else if (how === "crash")
          faults.push({ kind: "crash", atMs: at, target: "leader", downMs: lastsMs, torn: false });
        else if (how === "pause") faults.push({ kind: "pause", atMs: at, target: "leader", durationMs: lastsMs });
        else faults.push({ kind: "partition", atMs: at, side: ["leader"], direction: "both", durationMs: lastsMs });
        // Most changes wait for the one before, so that the leader is a new one.
        at += Math.min(lastsMs, timeout * 3);
      }
      workload.push(doing.get(at, { all: true }));
      return { faults, workload };
    });
}

/**
 * A leader does not know that it leads no more; at the new one the lease is revoked, and then it is renewed at the old one
 * (etcd#15247, #20813).
 */
export function renewedAtOldLeader(setting: StoreSetting): Arbitrary<StoreEpisode> {
  const { doing, electionTimeoutMs: timeout } = setting;
  return fc
    .record({
      atMs: beginning(setting, 4000),
      lease: fc.constantFrom(1, 2, 3),
      // Long enough to be alive, by the old leader's clock, when it is asked.
      ttlMs: fc.constantFrom(5000, 10_000),
      near: someone(setting),
      far: someone(setting),
      paused: fc.boolean(),
      lasts: fc.integer({ min: 4, max: 8 }),
      revokes: fc.integer({ min: 25, max: 50 }),
      renewals: fc.array(fc.integer({ min: 5, max: timeout * 3 }), { minLength: 1, maxLength: 3 }),
    })
    .map(({ atMs, lease, ttlMs, near, far, paused, lasts, revokes, renewals }) => {
      const cutMs = atMs + 50;
      const durationMs = timeout * lasts;
      const revokeMs = cutMs + Math.round((timeout * revokes) / 10);
      const fault: Fault = paused
        ? { kind: "pause", atMs: cutMs, target: "leader", durationMs }
        : { kind: "partition", atMs: cutMs, side: ["leader", near.client], direction: "both", durationMs };
      return {
        faults: [fault],
        workload: [
          { kind: "grant", atMs, ...far, to: "leader", lease, ttlMs },
          { kind: "revoke", atMs: revokeMs, ...far, to: "leader", lease },
          ...renewals.map((afterMs) => doing.as(near).keepAlive(revokeMs + afterMs, lease, "staleLeader")),
        ],
      };
    });
}

/** Several clients want one lock; who holds it is paused, cut off or killed, or the leader goes. */
export function locksChangeHands(setting: StoreSetting): Arbitrary<StoreEpisode> {
  const { electionTimeoutMs: timeout } = setting;
  const trouble = fc.record({
    afterMs: fc.integer({ min: 0, max: 4000 }),
    target: fc.constantFrom("holder", "holder", "leader"),
    how: fc.constantFrom("pause" as const, "partition" as const, "kill" as const),
    lastsMs: fc.integer({ min: timeout, max: timeout * 5 }),
  });
  return fc
    .record({
      atMs: beginning(setting, 6000),
      name: fc.constantFrom("lock/a", "lock/b"),
      ttlMs: fc.constantFrom(500, 1500, 3000),
      wants: fc.array(
        fc.record({
          by: someone(setting),
          afterMs: fc.integer({ min: 0, max: 2000 }),
          holdMs: fc.constantFrom(100, 500, 2000),
          campaigns: fc.boolean(),
        }),
        { minLength: 2, maxLength: 5 },
      ),
      troubles: fc.array(trouble, { minLength: 1, maxLength: 3 }),
    })
    .map(({ atMs, name, ttlMs, wants, troubles }) => ({
      workload: wants.map(({ by, afterMs, holdMs, campaigns }): StoreOperation => {
        const lock = { atMs: atMs + afterMs, ...by, name, ttlMs, holdMs };
        return campaigns ? { kind: "campaign", ...lock, value: VALUE } : { kind: "lock", ...lock };
      }),
      faults: troubles.map(({ afterMs, target, how, lastsMs }): Fault => {
        const begins = { atMs: atMs + afterMs };
        if (how === "kill") return { kind: how, ...begins, target, downMs: lastsMs };
        if (how === "pause") return { kind: how, ...begins, target, durationMs: lastsMs };
        return { kind: how, ...begins, side: [target], direction: "both", durationMs: lastsMs };
      }),
    }));
}
