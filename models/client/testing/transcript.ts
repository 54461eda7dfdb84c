import { assert } from "../../kernel/index.ts";
import { renderTranscript, type TranscriptRun } from "../../kernel/testing/transcript.ts";
import type { ErrorCode, KeyValue, StoreEvent, StoreResponse, WatchResponse } from "../../store/types.ts";
import type { ClientConfig, ClientRequest } from "../index.ts";
import { put, rangeOf } from "../requests.ts";
import { TestClient, testConfig } from "./harness.ts";
import { renderEffect, renderState } from "./render.ts";

/**
 * Runs a transcript: {@link renderTranscript}.
 *
 * Commands: `client [option=value]`; `do SESSION KIND …` (see `requestOf`); `answer SESSION …` the call of a session,
 * `renewed SESSION …` its keep-alive, `late N …` call N of the client (see `responseOf`); `push WATCH …` and `stream N …`
 * on the stream that a watch has open, and on stream N (see `pushOf`); `fire TIMER`, `wait 100` (ms), `state`.
 */
export function runTranscript(text: string): string {
  return renderTranscript(text, new Transcript());
}

class Transcript implements TranscriptRun {
  readonly lines: string[] = [];
  #requests = 0;
  #client: TestClient | null = null;

  command([name, ...words]: readonly string[]): void {
    const [first = "", ...rest] = words;
    if (name === "client") {
      this.#client = new TestClient(testConfig("c0", optionsOf(words)), 0, (_before, _after, effects) => {
        for (const effect of effects) this.lines.push(renderEffect(effect));
      });
      return;
    }
    const client = this.#client;
    assert(client !== null, "there is no client");
    const { config, bootedAt, sessions, watches } = client.state;
    const id = (number: string): string => `${config.id}@${bootedAt}/${number}`;
    const answer = (to: string, response: StoreResponse): void =>
      client.receive("a", { kind: "answer", id: to, response });
    switch (name) {
      case "do":
        this.#requests++;
        client.request(`r${this.#requests}`, requestOf(Number(first), rest));
        return;
      case "answer":
        answer(sessions[Number(first)]!.attempt!.id, responseOf(rest));
        return;
      case "renewed":
        answer(sessions[Number(first)]!.lease!.renewal!.id, responseOf(rest));
        return;
      case "late":
        answer(id(first), responseOf(rest));
        return;
      case "push":
        client.receive("a", pushOf(watches.find(({ work }) => work === first)!.watchId, rest));
        return;
      case "stream":
        client.receive("a", pushOf(id(first), rest));
        return;
      case "fire":
        client.fire(first);
        return;
      case "wait":
        client.now += Number(first) * 1000;
        return;
      case "state":
        this.lines.push(...renderState(client.state));
        return;
      default:
        assert(false, `no such command: ${name}`);
    }
  }
}

function optionsOf(words: readonly string[]): Partial<ClientConfig> {
  return Object.fromEntries(
    words.map((word) => {
      const [name, value] = word.split("=");
      return [name, Number(value)];
    }),
  );
}

/** The value of `name=value` among words, or what stands for it. */
function option(words: readonly string[], name: string, otherwise: string): string {
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? otherwise;
}

/**
 * `put K V [at=M]`, `get K`, `increment K`, `transfer A B N`, `add SET E`, `read SET`, `enqueue Q V`, `dequeue Q`,
 * `lock N [ttl=] [hold=] [proclaim=]`, `leaseHold K… [ttl=] [keep=]`, `watch K [since=] [for=]`, `compactTo N`; in ms.
 */
function requestOf(session: number, [kind, ...words]: readonly string[]): ClientRequest {
  const [first = "", second = "", third = ""] = words;
  const us = (name: string, otherwise: string): number => Number(option(words, name, otherwise)) * 1000;
  const endpoint = option(words, "at", "");
  switch (kind) {
    case "put":
      return { kind: "call", session, request: put(first, second, 0), endpoint: endpoint === "" ? null : endpoint };
    case "get":
      return { kind: "call", session, request: rangeOf(first), endpoint: endpoint === "" ? null : endpoint };
    case "increment":
      return { kind, session, key: first };
    case "transfer":
      return { kind, session, from: first, to: second, amount: Number(third) };
    case "add":
      return { kind: "setAdd", session, set: first, element: second };
    case "read":
      return { kind: "setRead", session, set: first };
    case "enqueue":
      return { kind, session, queue: first, value: second };
    case "dequeue":
      return { kind, session, queue: first };
    case "lock": {
      const proclaim = option(words, "proclaim", "");
      const [ttlUs, holdUs] = [us("ttl", "3000"), us("hold", "5000")];
      return { kind, session, name: first, ttlUs, holdUs, proclaim: proclaim === "" ? null : proclaim };
    }
    case "leaseHold": {
      const keys = words.filter((word) => !word.includes("="));
      return { kind, session, ttlUs: us("ttl", "3000"), keys, keepUs: us("keep", "5000") };
    }
    case "watch": {
      const startRevision = Number(option(words, "since", "0"));
      const rest = { prevKv: false, filters: [], progressNotify: false, fragment: true };
      return { kind, session, create: { key: first, rangeEnd: "", startRevision, ...rest }, forUs: us("for", "0") };
    }
    case "compactTo":
      return { kind, session, keep: Number(first) };
    default:
      return assert(false, `no such request: ${kind}`) as never;
  }
}

/**
 * `CODE [hint=M]`, or `KIND REVISION …`: of a range its keys, as `key=value@create/mod`; of a transaction `yes` or `no`,
 * and the keys of its ranges, with `|` between these; of a lease its id and what is left of it in ms.
 */
function responseOf([kind, ...words]: readonly string[]): StoreResponse {
  const [at = "", second = "", third = ""] = words;
  const revision = Number(at);
  switch (kind) {
    case "put":
      return { kind, revision, prevKv: null };
    case "range":
      return rangeOfKeys(revision, words.slice(1));
    case "txn": {
      const ranges = words.slice(2).join(" ");
      const responses = ranges === "" ? [] : ranges.split("|").map((keys) => rangeOfKeys(revision, keys.split(" ")));
      return { kind, revision, succeeded: second === "yes", responses };
    }
    case "compact":
    case "leaseRevoke":
      return { kind, revision };
    case "leaseGrant":
    case "leaseKeepAlive":
      return { kind, revision, id: Number(second), ttlUs: Number(third) * 1000 };
    default:
      return { kind: "error", code: kind as ErrorCode, leaderHint: option(words, "hint", "") || null };
  }
}

function rangeOfKeys(revision: number, words: readonly string[]): Extract<StoreResponse, { kind: "range" }> {
  const kvs = words.filter((word) => word !== "").map(keyValueOf);
  return { kind: "range", revision, kvs, count: kvs.length, more: false };
}

function keyValueOf(word: string): KeyValue {
  const parts = /^(.*)=(.*)@(\d+)\/(\d+)$/.exec(word);
  assert(parts !== null, `no key and value: ${word}`);
  return keyValue(parts[1]!, parts[2]!, Number(parts[3]), Number(parts[4]));
}

function keyValue(key: string, value: string, createRevision: number, modRevision: number): KeyValue {
  return { key, value, createRevision, modRevision, version: 1, lease: 0 };
}

/** `SEQUENCE REVISION [created] [canceled] [compact=N] [fragment] [key@mod…]`. */
function pushOf(watchId: string, [sequence, revision, ...words]: readonly string[]): WatchResponse {
  const events = words
    .filter((word) => word.includes("@"))
    .map((word): StoreEvent => {
      const [key = "", mod] = word.split("@");
      return { type: "put", kv: keyValue(key, "v", Number(mod), Number(mod)), prevKv: null };
    });
  return {
    kind: "watchResponse",
    watchId,
    sequence: Number(sequence),
    created: words.includes("created"),
    canceled: words.includes("canceled"),
    compactRevision: Number(option(words, "compact", "0")),
    revision: Number(revision),
    events,
    fragment: words.includes("fragment"),
  };
}
