import { type Arbitrary, fc } from "../../../harness/fast-check.ts";
import type { Fault } from "../../../simulator/faults.ts";
import type { RevisionSpec, StoreOperation } from "../scenario.ts";
import { beginning, type StoreEpisode, type StoreSetting, someone } from "./setting.ts";

/**
 * Watchers cannot keep up: they, or the way to them, are slow, while much is written, deleted and compacted
 * (etcd#15220, #17247, #17529).
 */
export function slowWatcher(setting: StoreSetting): Arbitrary<StoreEpisode> {
  const { doing, electionTimeoutMs: timeout, members } = setting;
  return fc
    .record({
      atMs: beginning(setting),
      who: someone(setting),
      from: fc.constantFrom<RevisionSpec>(0, 0, 1, "seen-3"),
      how: fc.constantFrom("pause", "slow", "clog", "clog", "link"),
      via: fc.constantFrom("leader", ...members),
      slowMs: fc.integer({ min: 50, max: timeout * 4 }),
      bursts: fc.array(fc.integer({ min: 2, max: 8 }), { minLength: 2, maxLength: 5 }),
      everyMs: fc.integer({ min: 5, max: timeout }),
      compactions: fc.array(fc.record({ after: fc.nat({ max: 4 }), keep: fc.nat({ max: 4 }) }), { maxLength: 2 }),
    })
    .map(({ atMs, who, from, how, via, slowMs, bursts, everyMs, compactions }) => {
      const slowAtMs = atMs + 100;
      const lasts = { atMs: slowAtMs, durationMs: slowMs };
      const workload: StoreOperation[] = [doing.as(who).watch(atMs, from)];
      for (const [i, count] of bursts.entries()) workload.push(...doing.burst(slowAtMs + i * everyMs, count));
      for (const { after, keep } of compactions)
        workload.push(doing.compactTo(slowAtMs + Math.round((after + 0.5) * everyMs), keep));
      return { faults: slowing(how, who.client, via, lasts), workload };
    });
}

function slowing(how: string, client: string, via: string, lasts: { atMs: number; durationMs: number }): Fault[] {
  switch (how) {
    case "pause":
      return [{ kind: "pause", ...lasts, target: client }];
    case "slow":
      return [{ kind: "slow", ...lasts, target: client, stepUs: 20_000 }];
    case "clog":
      return [{ kind: "clog", ...lasts, from: via, to: client }];
    default:
      return [{ kind: "link", ...lasts, from: via, to: client, loss: 0.1, delayMs: 50 }];
  }
}

/**
 * A member hears nothing from the others for a while, and clients watch there, also from revisions that it has yet to
 * come to; then it catches up, or installs a snapshot (etcd#15271, #20221).
 */
export function laggingWatch(setting: StoreSetting): Arbitrary<StoreEpisode> {
  const { doing, electionTimeoutMs: timeout, members, clients } = setting;
  return fc
    .record({
      atMs: beginning(setting),
      member: fc.nat({ max: members.length - 1 }),
      round: fc.nat({ max: 2 }),
      sessions: fc.array(someone(setting), { minLength: 1, maxLength: 3 }),
      lagMs: fc.integer({ min: timeout, max: timeout * 5 }),
      watchesMs: fc.array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 3 }),
      from: fc.array(fc.constantFrom<RevisionSpec>(0, "seen", "seen+1", "seen+1", "seen+2", "seen-2"), {
        minLength: 3,
        maxLength: 3,
      }),
      bursts: fc.array(fc.integer({ min: 2, max: 8 }), { minLength: 1, maxLength: 4 }),
      keep: fc.option(fc.nat({ max: 4 })),
    })
    .map(({ atMs, member, round, sessions, lagMs, watchesMs, from, bursts, keep }) => {
      const lagging = members[member]!;
      // A client tries first the member that has its own number, if it has not been anywhere else.
      const near = clients[member + round * members.length] ?? clients[member];
      const faults: Fault[] = members
        .filter((other) => other !== lagging)
        .flatMap((other): Fault[] => [
          { kind: "link", atMs, from: other, to: lagging, durationMs: lagMs, loss: 1 },
          { kind: "link", atMs, from: lagging, to: other, durationMs: lagMs, loss: 1 },
        ]);
      const workload: StoreOperation[] = [];
      const everyMs = Math.floor(lagMs / (bursts.length + 1));
      for (const [i, count] of bursts.entries()) workload.push(...doing.burst(atMs + i * everyMs, count, "leader"));
      for (const [i, whenMs] of watchesMs.entries()) {
        const place = sessions[i % sessions.length]!;
        const watcher = doing.as(near === undefined ? place : { ...place, client: near });
        const watchMs = atMs + Math.floor((lagMs * whenMs) / 100);
        // What the others have done must be known for the future of this one to be named. By another session: a session
        // goes on where it was answered last.
        const other = { client: place.client, session: (place.session + 1) % setting.sessions };
        workload.push(doing.as({ ...other, client: near ?? other.client }).get(watchMs, { to: "leader" }));
        workload.push(watcher.watch(watchMs + 40, from[i]!));
      }
      if (keep !== null) workload.push(doing.compactTo(atMs + lagMs - 10, keep));
      workload.push(...doing.burst(atMs + lagMs + 50, 3));
      return { faults, workload };
    });
}
