import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import type { Operation } from "../../harness/scenario.ts";
import type { Fault, FaultPointSpec } from "../../simulator/faults.ts";

/** Faults and operations that belong together in time: a situation that chance alone makes too seldom. */
export interface Episode<Op extends Operation> {
  readonly faults: readonly Fault[];
  readonly workload: readonly Op[];
}

/** How clients of a cluster ask for what episodes need. What a run does not have at all is null. */
export interface Asking<Op extends Operation> {
  /** Some writes at once. */
  write(atMs: number, to: string, count: number): Op;
  readonly read: ((atMs: number, to: string, on?: FaultPointSpec) => Op) | null;
  readonly transfer: ((atMs: number, target: string) => Op) | null;
  /** Takes a member's vote. */
  readonly demote: ((atMs: number, target: string, joint: boolean) => Op) | null;
}

/** What episodes are made of. */
export interface EpisodeSetting<Op extends Operation> {
  readonly members: readonly string[];
  readonly chaosMs: number;
  readonly electionTimeoutMs: number;
  readonly asking: Asking<Op>;
}

/** The kinds of episode that any cluster on Raft can have, but for those that need what the run does not have. */
export function raftEpisodes<Op extends Operation>(setting: EpisodeSetting<Op>): Arbitrary<Episode<Op>>[] {
  const kinds = [isolatedLeader(setting), laggard(setting), relay(setting), crossing(setting), lateVotes(setting)];
  if (setting.asking.read !== null) kinds.push(muffledLeader(setting, setting.asking.read));
  return kinds;
}

/**
 * The leader is cut off, or cannot be heard, with entries in flight; the others elect another and go on; clients still
 * ask the old one.
 */
function isolatedLeader<Op extends Operation>({
  electionTimeoutMs: timeout,
  chaosMs,
  members,
  asking,
}: EpisodeSetting<Op>): Arbitrary<Episode<Op>> {
  return fc
    .record({
      atMs: start(chaosMs, timeout),
      lasts: fc.integer({ min: 2, max: 6 }),
      how: fc.constantFrom("both" as const, "both" as const, "in" as const, "out" as const, "pause" as const),
      inFlight: fc.integer({ min: 0, max: 3 }),
      asksMs: fc.array(fc.integer({ min: Math.ceil(timeout / 2), max: timeout * 6 }), { minLength: 1, maxLength: 4 }),
      with: fc.option(fc.constantFrom(...members), { freq: 3 }),
    })
    .map(({ atMs, lasts, how, inFlight, asksMs, with: other }) => {
      const durationMs = timeout * lasts;
      const fault: Fault =
        how === "pause"
          ? { kind: "pause", atMs, durationMs, target: "leader" }
          : {
              kind: "partition",
              atMs,
              durationMs,
              direction: how,
              side: other === null ? ["leader"] : ["leader", other],
            };
      const workload: Op[] = [];
      if (inFlight > 0) workload.push(asking.write(atMs, "leader", inFlight));
      for (const askMs of asksMs) {
        workload.push(asking.write(atMs + askMs, "leader", 1));
        workload.push(asking.write(atMs + askMs, "staleLeader", 1));
        if (asking.read !== null) workload.push(asking.read(atMs + askMs + 5, "staleLeader"));
        if (asking.read !== null) workload.push(asking.read(atMs + askMs + 6, "leader"));
      }
      return { faults: [fault], workload };
    });
}

/** A member is away while much is committed, and comes back to a log that was compacted; then others go away. */
function laggard<Op extends Operation>({
  electionTimeoutMs: timeout,
  chaosMs,
  members,
  asking,
}: EpisodeSetting<Op>): Arbitrary<Episode<Op>> {
  return fc
    .record({
      atMs: start(chaosMs, timeout),
      who: fc.constantFrom(...members),
      awayMs: fc.integer({ min: timeout, max: timeout * 8 }),
      crashed: fc.boolean(),
      batches: fc.integer({ min: 1, max: 4 }),
      next: fc.constantFrom("leader", "leader", ...members),
      nextMs: fc.integer({ min: -timeout, max: timeout }),
      nextAwayMs: fc.integer({ min: timeout, max: timeout * 5 }),
    })
    .map(({ atMs, who, awayMs, crashed, batches, next, nextMs, nextAwayMs }) => ({
      faults: [
        crashed
          ? { kind: "crash", atMs, target: who, downMs: awayMs, torn: false }
          : { kind: "partition", atMs, durationMs: awayMs, direction: "both", side: [who] },
        {
          kind: "partition",
          atMs: Math.max(0, atMs + awayMs + nextMs),
          durationMs: nextAwayMs,
          direction: "both",
          side: [next],
        },
      ],
      workload: [
        ...Array.from({ length: batches }, (_, i) =>
          asking.write(atMs + Math.floor((awayMs * (i + 1)) / (batches + 1)), "leader", 8),
        ),
        ...(asking.read === null ? [] : [asking.read(atMs + awayMs, "self", ELECTED)]),
      ],
    }));
}

/** Where a member has just won an election. */
export const ELECTED: FaultPointSpec = { effect: "note", detail: "election/won", nth: 1, edge: "after" };

/**
 * The leader is no longer heard, and what others say to it is held up and comes much later: by then another leads, and
 * clients have asked the old one.
 */
function muffledLeader<Op extends Operation>(
  { electionTimeoutMs: timeout, chaosMs, members, asking }: EpisodeSetting<Op>,
  read: NonNullable<Asking<Op>["read"]>,
): Arbitrary<Episode<Op>> {
  return fc
    .record({
      atMs: start(chaosMs, timeout),
      cutMs: fc.integer({ min: 1, max: Math.ceil(timeout / 2) }),
      lasts: fc.integer({ min: 3, max: 6 }),
      proposeMs: fc.integer({ min: timeout, max: timeout * 3 }),
      readMs: fc.array(fc.integer({ min: timeout, max: timeout * 4 }), { minLength: 1, maxLength: 3 }),
    })
    .map(({ atMs, cutMs, lasts, proposeMs, readMs }) => ({
      faults: [
        ...members.map((from): Fault => ({ kind: "clog", atMs, from, to: "leader", durationMs: timeout * lasts })),
        {
          kind: "partition",
          atMs: atMs + cutMs,
          side: ["leader"],
          direction: "out",
          durationMs: timeout * (lasts + 1),
        },
      ],
      workload: [
        asking.write(atMs + proposeMs, "leader", 1),
        ...readMs.map((afterMs) => read(atMs + afterMs, "staleLeader")),
      ],
    }));
}

/** One leader after the other takes a proposal and crashes before it is everywhere (Raft fig. 8). */
function relay<Op extends Operation>({
  electionTimeoutMs: timeout,
  chaosMs,
  asking,
}: EpisodeSetting<Op>): Arbitrary<Episode<Op>> {
  return fc
    .record({
      atMs: start(chaosMs, timeout),
      legs: fc.array(
        fc.record({
          leadsMs: fc.integer({ min: timeout, max: timeout * 3 }),
          downMs: fc.integer({ min: Math.ceil(timeout / 2), max: timeout * 4 }),
          after: fc.integer({ min: 1, max: 3 }),
          crash: fc.boolean(),
          torn: fc.boolean(),
          /** The followers' batches: what may be torn has to have parts. */
          batch: fc.constantFrom(1, 1, 8),
          at: fc.constantFrom("send", "send", "persist"),
        }),
        { minLength: 2, maxLength: 5 },
      ),
    })
    .map(({ atMs, legs }) => {
      const faults: Fault[] = [];
      const workload: Op[] = [];
      let at = atMs;
      for (const { leadsMs, downMs, after, crash, torn, batch, at: effect } of legs) {
        workload.push(asking.write(at, "leader", batch));
        const on: NonNullable<Fault["on"]> =
          effect === "send"
            ? { process: "leader", effect, detail: "appendEntries", nth: after, edge: "after" }
            : { effect: "persist", detail: "entries", nth: after + 1, edge: "after" };
        faults.push(
          crash
            ? { kind: "crash", atMs: at, on, target: "self", downMs, torn }
            : { kind: "partition", atMs: at, on, side: ["self"], direction: "both", durationMs: downMs },
        );
        at += leadsMs;
      }
      return { faults, workload };
    });
}

/** Messages from the leader to a member overtake each other and come twice, while proposals follow fast. */
function crossing<Op extends Operation>({
  electionTimeoutMs: timeout,
  chaosMs,
  members,
  asking,
}: EpisodeSetting<Op>): Arbitrary<Episode<Op>> {
  return fc
    .record({
      atMs: start(chaosMs, timeout),
      to: fc.constantFrom(...members),
      durationMs: fc.integer({ min: timeout, max: timeout * 4 }),
      loss: fc.constantFrom(0, 0.1, 0.3),
      delayMs: fc.constantFrom(0, 0, 20),
      proposals: fc.array(
        fc.record({ afterMs: fc.integer({ min: 0, max: 30 }), count: fc.integer({ min: 1, max: 4 }) }),
        {
          minLength: 3,
          maxLength: 12,
        },
      ),
    })
    .map(({ atMs, to, durationMs, loss, delayMs, proposals }) => {
      const workload: Op[] = [];
      let at = atMs;
      for (const { afterMs, count } of proposals) {
        at += afterMs;
        workload.push(asking.write(at, "leader", count));
      }
      const noise = { loss, delayMs, duplicate: 0.5, reorder: 1 };
      return { faults: [{ kind: "link", atMs, from: "leader", to, durationMs, ...noise }], workload };
    });
}

/** The leader goes, the answers to the first who asks for votes are held up, and who has voted restarts at once. */
function lateVotes<Op extends Operation>({
  electionTimeoutMs: timeout,
  chaosMs,
  members,
}: EpisodeSetting<Op>): Arbitrary<Episode<Op>> {
  return fc
    .record({
      atMs: start(chaosMs, timeout),
      goneMs: fc.integer({ min: timeout * 2, max: timeout * 6 }),
      heldMs: fc.integer({ min: Math.ceil(timeout / 2), max: timeout * 3 }),
      from: fc.subarray([...members], { minLength: 1 }),
      what: fc.constantFrom("requestVote", "requestVote", "requestPreVote"),
      restarts: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
    })
    .map(({ atMs, goneMs, heldMs, from, what, restarts }) => {
      const on = { effect: "send", detail: what, nth: 1, edge: "after" } as const;
      const voted = { effect: "send", detail: "requestVoteReply", edge: "after" } as const;
      return {
        faults: [
          { kind: "pause", atMs, target: "leader", durationMs: goneMs },
          ...restarts.map((nth): Fault => ({ kind: "kill", atMs, on: { ...voted, nth }, target: "self", downMs: 1 })),
          ...from.map((member): Fault => ({ kind: "clog", atMs, on, from: member, to: "self", durationMs: heldMs })),
        ],
        workload: [],
      };
    });
}

/** Leadership is handed over while something is in flight, and the target or its word gets lost. */
export function transferAway<Op extends Operation>(
  { electionTimeoutMs: timeout, chaosMs, members, asking }: EpisodeSetting<Op>,
  transfer: NonNullable<Asking<Op>["transfer"]>,
): Arbitrary<Episode<Op>> {
  return fc
    .record({
      atMs: start(chaosMs, timeout),
      target: fc.constantFrom(...members),
      inFlight: fc.integer({ min: 0, max: 3 }),
      demoted: fc.integer({ min: 0, max: 5 }),
      delayMs: fc.integer({ min: 0, max: timeout * 2 }),
      trouble: fc.constantFrom("none" as const, "clog" as const, "pause" as const),
    })
    .map(({ atMs, target, inFlight, demoted, delayMs, trouble }) => {
      const workload: Op[] = [];
      if (inFlight > 0) workload.push(asking.write(atMs, "leader", inFlight));
      if (asking.demote !== null && demoted < 2) workload.push(asking.demote(atMs, target, demoted === 1));
      workload.push(transfer(atMs + demoted, target));
      if (asking.read !== null)
        for (const afterMs of [5, delayMs]) workload.push(asking.read(atMs + demoted + afterMs, "staleLeader"));
      const faults: Fault[] = [];
      if (trouble === "clog") faults.push({ kind: "clog", atMs, from: "leader", to: target, durationMs: delayMs });
      if (trouble === "pause") faults.push({ kind: "pause", atMs: atMs + demoted, target, durationMs: delayMs });
      return { faults, workload };
    });
}

/** Not before a leader can be there. */
export function start(chaosMs: number, timeout: number): Arbitrary<number> {
  return fc.integer({ min: Math.min(timeout * 2, chaosMs - 1), max: chaosMs });
}
