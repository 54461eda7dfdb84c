import { describe, expect, test } from "vitest";
import { check } from "../../harness/schema.ts";
import { type ClientOperation, clientRequest, rangeOf, revisionOf } from "./requests.ts";
import { StoreScenarioSchema } from "./scenario.ts";

/** What a client is asked for by an operation as a person writes it. */
function asked(operation: Readonly<Record<string, unknown>>, number = 0, seen = 9, endpoint: string | null = null) {
  const scenario = { suite: "store", system: { members: 1 }, workload: [operation], phases: { chaosMs: 1 } };
  const checked = check(StoreScenarioSchema, scenario);
  if (checked.kind === "flawed") throw new Error(JSON.stringify(checked.flaws));
  return clientRequest(checked.value.workload[0] as ClientOperation, { number, seen, endpoint });
}

const call = { kind: "call", session: 0, endpoint: null };
const onKey = { key: "k", rangeEnd: "" };

describe("an operation asks a client", () => {
  test.each([
    [
      { kind: "put", key: "k", value: "v" },
      { ...call, request: { kind: "put", key: "k", value: "v", lease: 0, prevKv: false } },
    ],
    [
      { kind: "get", key: "k", prefix: true, serializable: true, revision: "seen-2" },
      {
        ...call,
        request: {
          kind: "range",
          key: "k",
          rangeEnd: "l",
          limit: 0,
          revision: 7,
          serializable: true,
          keysOnly: false,
          countOnly: false,
        },
      },
    ],
    [
      { kind: "delete", key: "k" },
      { ...call, request: { kind: "deleteRange", ...onKey, prevKv: false } },
    ],
    [
      {
        kind: "txn",
        compare: [{ key: "k", target: "version", operand: 0 }],
        success: [
          { kind: "put", key: "k", value: "v" },
          { kind: "delete", key: "k" },
        ],
      },
      {
        ...call,
        request: {
          kind: "txn",
          compare: [{ key: "k", target: "version", result: "equal", operand: 0 }],
          success: [
            { kind: "put", key: "k", value: "v", lease: 0, prevKv: false },
            { kind: "deleteRange", ...onKey, prevKv: false },
          ],
          failure: [],
        },
      },
    ],
    [
      { kind: "compact", revision: "seen" },
      { ...call, request: { kind: "compact", revision: 9 } },
    ],
    [
      { kind: "grant", lease: 3, ttlMs: 1.5 },
      { ...call, request: { kind: "leaseGrant", id: 3, ttlUs: 1500 } },
    ],
    [
      { kind: "revoke", lease: 3 },
      { ...call, request: { kind: "leaseRevoke", id: 3 } },
    ],
    [
      { kind: "keepAlive", lease: 3 },
      { ...call, request: { kind: "leaseKeepAlive", id: 3 } },
    ],
    [
      { kind: "timeToLive", lease: 3 },
      { ...call, request: { kind: "leaseTimeToLive", id: 3 } },
    ],
    [
      { kind: "transfer", fromKey: "a", toKey: "b", amount: 2, session: 1 },
      { kind: "transfer", session: 1, from: "a", to: "b", amount: 2 },
    ],
    [
      { kind: "lock", name: "l", ttlMs: 2, holdMs: 1 },
      { kind: "lock", session: 0, name: "l", ttlUs: 2000, holdUs: 1000, proclaim: null },
    ],
    [
      { kind: "campaign", name: "l", value: "p", ttlMs: 2, holdMs: 1 },
      { kind: "lock", session: 0, name: "l", ttlUs: 2000, holdUs: 1000, proclaim: "p" },
    ],
    [
      { kind: "leaseHold", keys: ["k"], ttlMs: 2, keepMs: 1 },
      { kind: "leaseHold", session: 0, keys: ["k"], ttlUs: 2000, keepUs: 1000 },
    ],
    [
      { kind: "watch", key: "k", startRevision: "seen+1", filters: ["noPut"], forMs: 1 },
      {
        kind: "watch",
        session: 0,
        create: {
          ...onKey,
          startRevision: 10,
          prevKv: false,
          filters: ["noPut"],
          progressNotify: false,
          fragment: false,
        },
        forUs: 1000,
      },
    ],
    [
      { kind: "compactTo", keep: 2 },
      { kind: "compactTo", session: 0, keep: 2 },
    ],
    [
      { kind: "increment", key: "k" },
      { kind: "increment", session: 0, key: "k" },
    ],
    [
      { kind: "setRead", set: "s" },
      { kind: "setRead", session: 0, set: "s" },
    ],
    [
      { kind: "dequeue", queue: "q" },
      { kind: "dequeue", session: 0, queue: "q" },
    ],
  ])("%j", (operation, request) => {
    expect(asked(operation)).toEqual(request);
  });

  test("for what it names several times over, each with its number", () => {
    expect(asked({ kind: "put", key: "k", value: "v", count: 3 }, 2)).toMatchObject({ request: { value: "v.2" } });
    expect(asked({ kind: "setAdd", set: "s", element: "e", count: 3 }, 1)).toMatchObject({ element: "e.1" });
    expect(asked({ kind: "enqueue", queue: "q", value: "v", count: 3 }, 1)).toMatchObject({ value: "v.1" });
  });

  test("to go to the member that it names", () => {
    expect(asked({ kind: "get", key: "k", to: "m2" }, 0, 0, "m2")).toMatchObject({ endpoint: "m2" });
  });
});

test("a revision that is neither is told both", () => {
  expect(() => asked({ kind: "compact", revision: "latest" })).toThrow(
    'a whole number, or \\"seen\\", \\"seen-3\\", \\"seen+1\\"',
  );
});

test("a revision is a number, or goes by what was seen, and is then at least the first", () => {
  expect([0, 7, "seen", "seen-3", "seen+2", "seen-99"].map((spec) => revisionOf(spec, 10))).toEqual([
    0, 7, 10, 7, 12, 1,
  ]);
});

test("a prefix ends at the first key that no longer begins so", () => {
  const end = (key: string) => rangeOf({ key, prefix: true, rangeEnd: "" });
  expect(end("ab")).toEqual({ key: "ab", rangeEnd: "ac" });
  expect(end("a\uffff")).toEqual({ key: "a\uffff", rangeEnd: "b" });
  expect(end("\uffff")).toEqual({ key: "\uffff", rangeEnd: "\0" });
  expect(end("")).toEqual({ key: "\0", rangeEnd: "\0" });
  expect(rangeOf({ key: "a", prefix: false, rangeEnd: "c" })).toEqual({ key: "a", rangeEnd: "c" });
});
