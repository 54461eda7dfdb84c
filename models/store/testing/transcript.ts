import { assert } from "../../kernel/index.ts";
import { renderTranscript, type TranscriptRun, WorldCommands } from "../../kernel/testing/transcript.ts";
import type { RaftConfig } from "../../raft/types.ts";
import type {
  KeyRange,
  MemberConfig,
  MemberTypes,
  RaftRules,
  StoreRequest,
  TxnRequest,
  WatchCreate,
} from "../types.ts";
import { StoreCluster, testConfig } from "./cluster.ts";
import { compare, del, get, put, txn } from "./commands.ts";
import { renderDisk, renderEffect, renderMessage, renderState } from "./render.ts";

/**
 * Runs a transcript: {@link renderTranscript}. What members do for Raft is left out.
 *
 * Commands: `cluster a b c [option=value]`, `elect a`, `call a REQUEST` by a client (see `requestOf`), `operate a REQUEST` at
 * the member itself; `watch a w KEY [since=2] [end=] [prevKv] [noPut] [noDelete] [progress] [fragment]`, `ack a w [5]` (of
 * all, or up to response 5), `cancel a w`, `progress a w`; `deliver a->b [kind] [copy]`, `drop a->b [kind]`, `settle`,
 * `heartbeat a` (and settle), `isolate a` (`settle` leaves its packets where they are), `lose` (them), `heal`; `fire a
 * lease`, `wait 100` (ms), `crash a`, `restart a`, `state a`, `disk a`, `network`, `timers` (are shown from now on). `cut 2`
 * before a command has the member crash after two effects of it, Raft's among them.
 */
export function runTranscript(text: string, rules: RaftRules): string {
  return renderTranscript(text, new Transcript(rules));
}

/** Who calls and watches. */
const CLIENT = "client";

class Transcript implements TranscriptRun {
  readonly lines: string[] = [];
  readonly #cluster: StoreCluster;
  readonly #world: WorldCommands<MemberTypes>;
  /** The number of the last response on each stream. */
  readonly #sent = new Map<string, number>();
  #requests = 0;
  #showTimers = false;

  constructor(rules: RaftRules) {
    this.#cluster = new StoreCluster(rules, (member, _before, _after, effects) => {
      for (const effect of effects) {
        const line = renderEffect(effect, this.#showTimers);
        if (line !== null) this.lines.push(`${member} ${line}`);
        if (effect.kind === "send" && effect.message.kind === "watchResponse")
          this.#sent.set(effect.message.watchId, effect.message.sequence);
      }
    });
    this.#world = new WorldCommands(this.#cluster);
  }

  command([name, ...words]: readonly string[]): void {
    if (name === "cut") this.#command(words, Number(words[0]));
    else this.#command([name!, ...words], undefined);
  }

  #command(all: readonly string[], effectsMax: number | undefined): void {
    const cluster = this.#cluster;
    const own = effectsMax === undefined ? all : all.slice(1);
    if (this.#world.command(own, effectsMax)) return;
    const [name, first = "", second = "", third = "", ...rest] = own;
    const words = [first, second, third, ...rest].filter((word) => word !== "");
    switch (name) {
      case "cluster": {
        const { member, raft } = optionsOf(words);
        const ids = words.filter((word) => !word.includes("="));
        cluster.form(ids, member, raft);
        return;
      }
      case "elect":
        cluster.fire(first, "election");
        this.#world.settle();
        assert(cluster.state(first).raft.leader !== null, `${first} was not elected`);
        return;
      case "call": {
        this.#requests++;
        const message = { kind: "call" as const, id: `r${this.#requests}`, request: requestOf(words.slice(1)) };
        cluster.tell(first, CLIENT, message, effectsMax);
        return;
      }
      case "operate":
        this.#requests++;
        cluster.request(first, `r${this.#requests}`, requestOf(words.slice(1)));
        return;
      case "watch":
        cluster.tell(first, CLIENT, { kind: "watchCreate", watchId: second, create: createOf(third, rest) });
        return;
      case "ack": {
        const sequence = third === "" ? this.#sent.get(second)! : Number(third);
        cluster.tell(first, CLIENT, { kind: "watchAck", watchId: second, sequence });
        return;
      }
      case "cancel":
        cluster.tell(first, CLIENT, { kind: "watchCancel", watchId: second });
        return;
      case "progress":
        cluster.tell(first, CLIENT, { kind: "watchProgress", watchId: second });
        return;
      case "heartbeat":
        cluster.fire(first, "heartbeat");
        this.#world.settle();
        return;
      case "state":
        for (const id of words)
          for (const line of renderState(cluster.state(id), cluster.now)) this.lines.push(`${id} ${line}`);
        return;
      case "disk":
        for (const line of renderDisk(cluster.disks.get(first)!)) this.lines.push(`${first} ${line}`);
        return;
      case "network":
        for (const { from, to, message } of cluster.network)
          this.lines.push(`${from}->${to} ${renderMessage(message) ?? message.kind}`);
        return;
      case "timers":
        this.#showTimers = true;
        return;
      default:
        assert(false, `no such command: ${name}`);
    }
  }
}

/** Options of the member, and of its Raft, by their names. */
function optionsOf(words: readonly string[]): {
  readonly member: Partial<MemberConfig>;
  readonly raft: Partial<RaftConfig>;
} {
  const known = testConfig("", []);
  const member: Record<string, unknown> = {};
  const raft: Record<string, unknown> = {};
  for (const word of words.filter((each) => each.includes("="))) {
    const [name, value] = word.split("=") as [string, string];
    const parsed = /^\d/.test(value) ? Number(value) : value === "true" ? true : value === "false" ? false : value;
    assert(name in known || name in known.raft, `no such option: ${name}`);
    if (name in known) member[name] = parsed;
    else raft[name] = parsed;
  }
  return { member, raft };
}

/** The value of `name=value` among words, or what stands for it. */
function option(words: readonly string[], name: string, otherwise: string): string {
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? otherwise;
}

/**
 * `put K V [lease=1]`, `get K [end=] [revision=] [serializable]`, `delete K`, `create K V` (a transaction, if K is not
 * there), `getAll K… [serializable]` (a transaction), `compact N`, `grant N MS`, `revoke N`, `keepAlive N`, `timeToLive N`,
 * `defragment`, `moveLeader M`.
 */
function requestOf([kind, ...words]: readonly string[]): StoreRequest {
  const [first = "", second = ""] = words;
  const serializable = words.includes("serializable");
  switch (kind) {
    case "put":
      return put(first, second, { lease: Number(option(words, "lease", "0")) });
    case "get": {
      const revision = Number(option(words, "revision", "0"));
      return get(first, { ...rangeOf(first, words), revision, serializable });
    }
    case "delete":
      return del(first);
    case "create":
      return txn([compare(first, "version", "equal", 0)], [put(first, second)]);
    case "getAll":
      return readsOf(
        words.filter((word) => word !== "serializable"),
        serializable,
      );
    case "compact":
      return { kind, revision: Number(first) };
    case "grant":
      return { kind: "leaseGrant", id: Number(first), ttlUs: Number(second) * 1000 };
    case "revoke":
      return { kind: "leaseRevoke", id: Number(first) };
    case "keepAlive":
      return { kind: "leaseKeepAlive", id: Number(first) };
    case "timeToLive":
      return { kind: "leaseTimeToLive", id: Number(first) };
    case "defragment":
      return { kind };
    case "moveLeader":
      return { kind, to: first };
    default:
      return assert(false, `no such request: ${kind}`) as never;
  }
}

function readsOf(keys: readonly string[], serializable: boolean): TxnRequest {
  return txn(
    [],
    keys.map((key) => get(key, { serializable })),
  );
}

function createOf(key: string, words: readonly string[]): WatchCreate {
  return {
    ...rangeOf(key, words),
    startRevision: Number(option(words, "since", "0")),
    prevKv: words.includes("prevKv"),
    filters: (["noPut", "noDelete"] as const).filter((filter) => words.includes(filter)),
    progressNotify: words.includes("progress"),
    fragment: words.includes("fragment"),
  };
}

function rangeOf(key: string, words: readonly string[]): KeyRange {
  return { key, rangeEnd: option(words, "end", "") };
}
