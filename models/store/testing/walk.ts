import { assert, difference, type Effect } from "../../kernel/index.ts";
import type { Life } from "../../kernel/testing/test-world.ts";
import type { MemberId, RaftConfig } from "../../raft/types.ts";
import { leaseOf } from "../attachments.ts";
import { eventsAt } from "../events.ts";
import {
  type KeyValue,
  type LeaseId,
  type MemberConfig,
  type MemberState,
  type MemberTypes,
  OUTCOME_UNKNOWN,
  type RaftRules,
  type Revision,
  type StoreRequest,
  type StoreResponse,
  type StoreState,
  type WatchResponse,
} from "../types.ts";
import { StoreCluster } from "./cluster.ts";
import { compare, del, get, put, txn } from "./commands.ts";
import { TestStream } from "./stream.ts";

/** What a walk starts with. */
export interface WalkSetup {
  readonly members: number;
  /** Which features are on: {@link featuresOf}. */
  readonly features: number;
  /** Each number is one thing that happens. */
  readonly choices: readonly number[];
}

/** What a walk came to. */
export interface WalkResult {
  readonly revisions: number;
  readonly answers: number;
  readonly watched: number;
  readonly notes: ReadonlySet<string>;
  readonly lives: readonly Life<MemberTypes>[];
}

/**
 * Walks at random through what a cluster can do with clients that call, hold leases and watch: delivers in any order, loses
 * and doubles messages between members, has timers fire when they may or later, crashes members between any two effects and
 * restarts them. Throws at the first step at which members differ, a read is stale, a stream omits something or repeats it,
 * or a lease ends before its time.
 */
export function walk(setup: WalkSetup, rules: RaftRules): WalkResult {
  const run = new Walk(setup, rules);
  for (const choice of setup.choices) run.take(choice);
  return run.result();
}

interface Features {
  readonly member: Partial<MemberConfig>;
  readonly raft: Partial<RaftConfig>;
}

/** The features that are on, one for each bit of a number. */
function featuresOf(bits: number): Features {
  const on = (bit: number): boolean => ((bits >>> bit) & 1) === 1;
  return {
    member: {
      forwardProposals: !on(0) || !on(1),
      requestTimeoutUs: 1_000_000,
      readRetryIntervalUs: 200_000,
      backendBatchLimit: on(2) ? 3 : 1000,
      leaseCheckIntervalUs: 100_000,
      leaseCheckpointIntervalUs: on(3) ? 0 : 200_000,
      leaseTtlMinUs: 300_000,
      watchProgressIntervalUs: 500_000,
      watchStreamTimeoutUs: on(4) ? 800_000 : 20_000_000,
      watchWindow: on(5) ? 2 : 16,
      watchBatchRevisionsMax: on(6) ? 2 : 16,
    },
    raft: {
      electionTimeoutUs: 400_000,
      electionTimeoutMaxUs: 800_000,
      readMode: on(7) ? "lease" : "readIndex",
      forwardReads: !on(8) || !on(1),
      snapshotEntries: on(9) ? (on(10) ? 4 : 12) : 0,
      snapshotCatchUpEntries: on(11) ? 3 : 0,
    },
  };
}

const LEASES: readonly LeaseId[] = [1, 2, 3];
const KEYS = ["a", "b", "c"] as const;
const CLIENT = "client";

class Walk {
  readonly #cluster: StoreCluster;
  readonly #ids: readonly MemberId[];
  /** What each revision changed, and the revision after each index, as the first member to get there had it. */
  readonly #history: (readonly KeyValue[])[] = [];
  readonly #revisions = new Map<number, Revision>();
  readonly #streams = new Map<string, TestStream>();
  /** Calls that are not answered, and the newest revision when they were made. */
  readonly #open = new Map<string, { readonly request: StoreRequest; readonly at: number; readonly seen: Revision }>();
  /** Until when a client knows a lease to last; one that it has asked to revoke is certain no longer. */
  readonly #certain = new Map<LeaseId, number>();
  /** When a client last heard that a lease is revoked; for good where it has not heard what came of it. */
  readonly #revoked = new Map<LeaseId, number>();
  readonly #newest = { index: 0, leases: [] as readonly LeaseId[] };
  readonly #notes = new Set<string>();
  readonly #lives: Life<MemberTypes>[] = [];
  #named = 0;
  #revision: Revision = 1;
  #answers = 0;
  #watched = 0;

  constructor({ members, features }: WalkSetup, rules: RaftRules) {
    this.#ids = Array.from({ length: members }, (_, i) => `m${i + 1}`);
    this.#cluster = new StoreCluster(rules, (member, before, after, effects) =>
      this.#check(member, before, after, effects),
    );
    this.#cluster.lives = this.#lives;
    const { member, raft } = featuresOf(features);
    this.#cluster.form(this.#ids, member, raft);
  }

  result(): WalkResult {
    return {
      revisions: this.#revision,
      answers: this.#answers,
      watched: this.#watched,
      notes: this.#notes,
      lives: this.#lives,
    };
  }

  /** A choice is a number of 32 bits: the low ones say what happens, the others to whom. */
  take(choice: number): void {
    const what = choice % 100;
    const which = Math.floor(choice / 100);
    if (what < 60) this.#deliver(what, which);
    else if (what < 74) this.#fire(which);
    else if (what < 88) this.#call(which);
    else if (what < 95) this.#watch(which);
    else if (what < 97) this.#crash(which);
    else this.#restart(which);
  }

  #deliver(what: number, which: number): void {
    const { network } = this.#cluster;
    if (network.length === 0) {
      this.#fire(which);
      return;
    }
    this.#cluster.now += 1_000;
    // Mostly in order: a network that reorders all of them gets nowhere.
    const packet = network[what < 50 ? 0 : which % Math.min(network.length, 12)]!;
    if (what === 59) this.#cluster.drop(packet);
    else this.#cluster.deliver(packet, what >= 56);
  }

  #fire(which: number): void {
    const { timers } = this.#cluster;
    if (timers.length === 0) return;
    const due = [...timers].sort((left, right) => left.earliest - right.earliest);
    const timer = due[which % 8 === 0 ? which % due.length : 0]!;
    this.#cluster.now += which % 10_000;
    this.#cluster.fire(timer.member, timer.name);
  }

  /** Some member, most often the leader; null where none runs. */
  #someone(which: number): MemberId | null {
    const leader = this.#cluster.leader();
    const running = [...this.#cluster.states.keys()];
    if (running.length === 0) return null;
    return leader !== null && which % 2 === 0 ? leader.config.raft.id : running[(which >>> 1) % running.length]!;
  }

  #call(which: number): void {
    const member = this.#someone(which);
    if (member === null) return;
    const id = `r${++this.#named}`;
    const request = this.#requestOf(which >>> 4, id);
    this.#open.set(id, { request, at: this.#cluster.now, seen: this.#revision });
    if (request.kind === "leaseRevoke") this.#certain.delete(request.id);
    this.#cluster.tell(member, CLIENT, { kind: "call", id, request });
  }

  #requestOf(which: number, value: string): StoreRequest {
    const key = KEYS[(which >>> 5) % KEYS.length]!;
    const lease = 1 + ((which >>> 7) % 3);
    switch (which % 24) {
      case 0:
      case 1:
        return get("a", { rangeEnd: "\0" });
      case 2:
        return get("a", { rangeEnd: "\0", serializable: true });
      case 3:
        return get(key, { revision: Math.max(1, this.#revision - ((which >>> 9) % 8) + 1) });
      case 4:
        return txn([], [get("a"), get("b")]);
      case 5:
        return txn([compare(key, "version", "equal", 0)], [put(key, value)], [del(key)]);
      case 6:
        return del(key);
      case 7:
        return { kind: "compact", revision: Math.max(1, this.#revision - ((which >>> 9) % 4)) };
      case 8:
      case 9:
        return { kind: "leaseGrant", id: lease, ttlUs: 100_000 + ((which >>> 9) % 900_000) };
      case 10:
        return { kind: "leaseRevoke", id: lease };
      case 11:
      case 12:
      case 13:
      case 14:
        return { kind: "leaseKeepAlive", id: lease };
      case 15:
        return { kind: "leaseTimeToLive", id: lease };
      case 16:
        return { kind: "defragment" };
      case 17:
        return { kind: "moveLeader", to: this.#ids[(which >>> 9) % this.#ids.length]! };
      case 18:
        return which % 48 === 18 ? put("", value) : put(key, value, { lease });
      default:
        return put(key, value, { lease: which % 24 > 21 ? lease : 0 });
    }
  }

  #watch(which: number): void {
    const open = [...this.#streams.values()].filter(({ isOpen }) => isOpen);
    const stream = open.length === 0 ? undefined : open[(which >>> 4) % open.length];
    const kind = which % 16;
    if (stream === undefined || (kind < 3 && open.length < 6)) {
      this.#openWatch(which >>> 4);
      return;
    }
    const { watchId, member } = stream;
    if (!this.#cluster.states.has(member)) return;
    if (kind === 3) this.#cluster.tell(member, CLIENT, { kind: "watchCancel", watchId });
    else if (kind < 7) this.#cluster.tell(member, CLIENT, { kind: "watchProgress", watchId });
    else this.#cluster.tell(member, CLIENT, { kind: "watchAck", watchId, sequence: stream.sequence - 1 });
  }

  #openWatch(which: number): void {
    const member = this.#someone(which);
    if (member === null) return;
    const watchId = `w${++this.#named}`;
    const isRange = which % 3 > 0;
    const create = {
      key: KEYS[(which >>> 2) % 2]!,
      rangeEnd: isRange ? "\0" : "",
      startRevision: which % 2 === 0 ? 0 : Math.max(1, this.#revision - ((which >>> 4) % 12) + 3),
      prevKv: false,
      filters: which % 5 === 0 ? (["noDelete"] as const) : [],
      progressNotify: which % 7 === 0,
      fragment: which % 11 < 4,
    };
    this.#streams.set(watchId, new TestStream(watchId, member, create));
    this.#cluster.tell(member, CLIENT, { kind: "watchCreate", watchId, create });
  }

  /** A crash between two effects of a step: the delivery of a message, or a timer. */
  #crash(which: number): void {
    const running = [...this.#cluster.states.keys()];
    // At most a minority is down, so that the walk goes on.
    if (running.length <= this.#ids.length / 2 + 1) {
      this.#restart(which);
      return;
    }
    const packet = this.#cluster.network.find(({ to }) => this.#cluster.states.has(to));
    const member = packet === undefined || which % 4 === 0 ? running[which % running.length]! : packet.to;
    if (packet === undefined || which % 4 === 0) this.#cluster.crash(member);
    else this.#cluster.deliver(packet, false, which % 5);
    if (this.#cluster.states.has(member)) return;
    for (const stream of this.#streams.values()) if (stream.member === member) stream.isOpen = false;
  }

  #restart(which: number): void {
    const down = this.#ids.filter((id) => !this.#cluster.states.has(id));
    if (down.length > 0) this.#cluster.restart(down[which % down.length]!);
  }

  #check(
    member: MemberId,
    before: MemberState | null,
    after: MemberState,
    effects: readonly Effect<MemberTypes>[],
  ): void {
    const store = after.raft.application;
    if (store !== before?.raft.application) this.#checkStore(member, store, before === null);
    for (const effect of effects) {
      if (effect.kind === "note") this.#notes.add(effect.name);
      if (effect.kind !== "send" || effect.to !== CLIENT) continue;
      const { message } = effect;
      if (message.kind === "answer") this.#answered(message.id, message.response);
      else if (message.kind === "watchResponse") this.#told(message);
    }
  }

  /** Members that have applied as much have the same, and nothing goes back. */
  #checkStore(member: MemberId, store: StoreState, booted: boolean): void {
    const { consistentIndex, revision } = store;
    const known = this.#revisions.get(consistentIndex);
    if (known === undefined) this.#revisions.set(consistentIndex, revision);
    else assert(known === revision, `${member} is at revision ${revision} with index ${consistentIndex}, not ${known}`);
    for (let at = Math.max(store.eventsFrom, store.compactRevision); at <= revision; at++) {
      const events = eventsAt(store, at);
      const first = this.#history[at];
      if (first === undefined) this.#history[at] = events;
      else if (first !== events && (booted || at === revision)) {
        const differs = difference(events, first, `revision ${at} of ${member}`);
        assert(differs === null, differs ?? "");
      }
    }
    this.#revision = Math.max(this.#revision, revision);
    if (consistentIndex <= this.#newest.index) return;
    this.#newest.index = consistentIndex;
    const leases = LEASES.filter((id) => leaseOf(store.leases, id) !== undefined);
    for (const id of this.#newest.leases) {
      if (leases.includes(id)) continue;
      const until = this.#certain.get(id) ?? 0;
      assert(this.#cluster.now >= until, `lease ${id} is gone at ${this.#cluster.now}, and was certain until ${until}`);
      this.#certain.delete(id);
    }
    this.#newest.leases = leases;
  }

  #answered(id: string, response: StoreResponse): void {
    const call = this.#open.get(id);
    assert(call !== undefined, `${id} is answered twice`);
    this.#open.delete(id);
    const { request, at, seen } = call;
    if (request.kind === "leaseRevoke") {
      const isUnknown = response.kind === "error" && OUTCOME_UNKNOWN.includes(response.code);
      const known = this.#revoked.get(request.id) ?? 0;
      this.#revoked.set(request.id, isUnknown ? Number.MAX_SAFE_INTEGER : Math.max(known, this.#cluster.now));
    }
    if (response.kind === "error") return;
    this.#answers++;
    const isRead = request.kind === "range" ? !request.serializable : request.kind === "txn";
    if (isRead) assert(response.revision >= seen, `${id} was read at ${response.revision}, behind ${seen}`);
    if (request.kind === "put") {
      const found = this.#history[response.revision]?.some(
        ({ key, value }) => key === request.key && value === request.value,
      );
      assert(found === true, `${id} is not at revision ${response.revision}`);
    }
    if (response.kind !== "leaseKeepAlive" && response.kind !== "leaseGrant") return;
    const isBeingRevoked = [...this.#open.values()].some(
      (other) => other.request.kind === "leaseRevoke" && other.request.id === response.id,
    );
    if (isBeingRevoked || at <= (this.#revoked.get(response.id) ?? -1)) return;
    this.#certain.set(response.id, Math.max(this.#certain.get(response.id) ?? 0, at + response.ttlUs));
  }

  #told(response: WatchResponse): void {
    const stream = this.#streams.get(response.watchId)!;
    this.#watched += response.events.length;
    stream.take(response, this.#history);
  }
}
