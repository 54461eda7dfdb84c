import { describe, expect, test } from "vitest";
import type { PutRequest, RangeRequest, StoreResponse, TxnRequest } from "../../../models/store/types.ts";
import type { Call } from "../history.ts";
import { checkLinearizability } from "../linearizability.ts";
import { carryOut, type StoreModelRequest, type StoreModelState, type StoreOp, stateAt, storeModel } from "./store.ts";

const put = (key: string, value: string, more: Partial<PutRequest> = {}): PutRequest => ({
  kind: "put",
  key,
  value,
  lease: 0,
  prevKv: false,
  ...more,
});
const range = (key: string, more: Partial<RangeRequest> = {}): RangeRequest => ({
  kind: "range",
  key,
  rangeEnd: "",
  limit: 0,
  revision: 0,
  serializable: false,
  keysOnly: false,
  countOnly: false,
  ...more,
});
const remove = (key: string, rangeEnd = "") => ({ kind: "deleteRange" as const, key, rangeEnd, prevKv: true });
const error = (code: string) => ({ kind: "error", code, leaderHint: null });

/** The state after these, and the last answer. */
function carriedOut(...requests: readonly StoreModelRequest[]): { state: StoreModelState; response: StoreResponse } {
  let done = { state: storeModel.initial, response: null as unknown as StoreResponse };
  for (const request of requests) done = carryOut(done.state, request);
  return done;
}

function valuesOf(response: StoreResponse): readonly string[] {
  return response.kind === "range" ? response.kvs.map(({ value }) => value) : [];
}

describe("the answers of etcd", () => {
  test("a put creates a key or makes a new version of it", () => {
    expect(carriedOut(put("a", "1")).response).toEqual({ kind: "put", revision: 2, prevKv: null });
    const prevKv = { key: "a", value: "1", createRevision: 2, modRevision: 2, version: 1, lease: 0 };
    expect(carriedOut(put("a", "1"), put("a", "2", { prevKv: true })).response).toEqual({
      kind: "put",
      revision: 3,
      prevKv,
    });
    const read = carriedOut(put("a", "1"), put("a", "2"), range("a")).response;
    expect(read).toMatchObject({ revision: 3, count: 1, kvs: [{ createRevision: 2, modRevision: 3, version: 2 }] });
  });

  test("a deleted key begins anew; deleting nothing makes no revision", () => {
    expect(carriedOut(put("a", "1"), remove("a")).response).toMatchObject({ revision: 3, deleted: 1 });
    expect(carriedOut(put("a", "1"), remove("b")).response).toMatchObject({ revision: 2, deleted: 0, prevKvs: [] });
    const read = carriedOut(put("a", "1"), remove("a"), put("a", "2"), range("a")).response;
    expect(read).toMatchObject({ kvs: [{ createRevision: 4, version: 1 }] });
  });

  test("ranges: an end, none, a limit, keys alone, the count alone, a revision of the past", () => {
    const all = [put("a", "1"), put("b", "2"), put("c", "3")];
    expect(valuesOf(carriedOut(...all, range("a", { rangeEnd: "c" })).response)).toEqual(["1", "2"]);
    expect(valuesOf(carriedOut(...all, range("b", { rangeEnd: "\0" })).response)).toEqual(["2", "3"]);
    const limited = carriedOut(...all, range("a", { rangeEnd: "\0", limit: 2 })).response;
    expect(limited).toMatchObject({ count: 3, more: true });
    expect(valuesOf(carriedOut(...all, range("a", { keysOnly: true })).response)).toEqual([""]);
    const counted = carriedOut(...all, range("a", { rangeEnd: "\0", countOnly: true })).response;
    expect(counted).toMatchObject({ kvs: [], count: 3, more: false });
    const past = carriedOut(...all, put("a", "9"), range("a", { revision: 4 })).response;
    expect(past).toMatchObject({ revision: 5, kvs: [{ value: "1" }] });
    expect(carriedOut(...all, range("a", { revision: 9 })).response).toEqual(error("futureRevision"));
  });

  test("a transaction is one revision, and each operation sees those before it", () => {
    const txn: TxnRequest = {
      kind: "txn",
      compare: [{ key: "a", target: "value", result: "equal", operand: "1" }],
      success: [range("a"), put("b", "2"), range("b"), remove("a")],
      failure: [put("c", "3")],
    };
    const { state, response } = carriedOut(put("a", "1"), txn);
    expect(state.revision).toBe(3);
    expect(response).toMatchObject({ revision: 3, succeeded: true });
    if (response.kind !== "txn") throw new Error("no transaction");
    expect(response.responses.map(({ revision }) => revision)).toEqual([2, 3, 3, 3]);
    expect(carriedOut(txn).response).toMatchObject({ succeeded: false, responses: [{ kind: "put" }] });
  });

  test("a transaction of which one operation cannot be carried out changes nothing", () => {
    const txn: TxnRequest = {
      kind: "txn",
      compare: [],
      success: [put("b", "2"), range("a", { revision: 9 })],
      failure: [],
    };
    expect(carriedOut(txn).response).toEqual(error("futureRevision"));
    expect(carriedOut(txn).state).toBe(storeModel.initial);
  });

  test("compaction refuses what is older, and itself a second time", () => {
    const compact = { kind: "compact" as const, revision: 3 };
    const all = [put("a", "1"), put("a", "2"), put("a", "3"), compact];
    expect(carriedOut(...all).response).toEqual({ kind: "compact", revision: 4 });
    expect(carriedOut(...all, range("a", { revision: 2 })).response).toEqual(error("compacted"));
    expect(valuesOf(carriedOut(...all, range("a", { revision: 3 })).response)).toEqual(["2"]);
    expect(carriedOut(...all, compact).response).toEqual(error("compacted"));
    expect(carriedOut({ kind: "compact", revision: 3 }).response).toEqual(error("futureRevision"));
  });

  test("a lease takes its keys with it, those that were put without it since excepted", () => {
    const grant = { kind: "leaseGrant" as const, id: 7, ttlUs: 9 };
    const attached = [grant, put("a", "1", { lease: 7 }), put("b", "1", { lease: 7 }), put("b", "2")];
    const { state, response } = carriedOut(...attached, { kind: "leaseRevoke", id: 7 });
    expect(response).toEqual({ kind: "leaseRevoke", revision: 5 });
    expect(valuesOf(carryOut(state, range("a", { rangeEnd: "\0" })).response)).toEqual(["2"]);
    expect(carriedOut(grant, grant).response).toEqual(error("leaseExists"));
    expect(carriedOut({ kind: "leaseRevoke", id: 7 }).response).toEqual(error("leaseNotFound"));
    expect(carriedOut(put("a", "1", { lease: 7 })).response).toEqual(error("leaseNotFound"));
  });

  test("what was there at a revision can be asked for", () => {
    const { state } = carriedOut(put("a", "1"), put("a", "2"));
    expect(carryOut(stateAt(state, 2)!, range("a")).response).toMatchObject({ revision: 2, kvs: [{ value: "1" }] });
    expect(stateAt(state, 4)).toBeUndefined();
  });
});

describe("as a sequential model", () => {
  const call = (process: string, op: StoreOp, invokedAt: number, returnedAt: number): Call<StoreOp> => ({
    process,
    op,
    invokedAt,
    returnedAt,
  });
  const written = { request: put("a", "1"), response: { kind: "put", revision: 2, prevKv: null } } as const;
  const unknown = { request: put("a", "2"), response: null };
  const read = (value: string, revision: number): StoreOp => ({
    request: range("a"),
    response: {
      ...(carriedOut(put("a", "1"), put("a", "2"), range("a")).response as never as object),
      revision,
    } as never,
    ...(value === "2" ? {} : { response: carriedOut(put("a", value), range("a")).response }),
  });

  test("only the right answer is one", () => {
    expect(storeModel.step(storeModel.initial, written)?.revision).toBe(2);
    const wrong = { ...written, response: { ...written.response, revision: 3 } };
    expect(storeModel.step(storeModel.initial, wrong)).toBeUndefined();
    expect(storeModel.step(storeModel.initial, unknown)?.revision).toBe(2);
  });

  test("a write of unknown outcome may explain what is read, or not", () => {
    const history = [call("c1", written, 0, 1), call("c2", unknown, 2, Number.POSITIVE_INFINITY)];
    for (const op of [read("1", 2), read("2", 3)])
      expect(checkLinearizability(storeModel, [...history, call("c3", op, 3, 4)]).kind).toBe("linearizable");
    const both = [...history, call("c3", read("2", 3), 3, 4), call("c3", read("1", 2), 5, 6)];
    expect(checkLinearizability(storeModel, both).kind).toBe("notLinearizable");
  });

  test("states of other histories are told apart", () => {
    const identity = (...requests: StoreModelRequest[]) => storeModel.identity(carriedOut(...requests).state);
    expect(identity(put("a", "1"), remove("a"))).not.toBe(identity(put("b", "1"), remove("b")));
    const grants = [7, 8].map((id) => ({ kind: "leaseGrant" as const, id, ttlUs: 9 }));
    expect(identity(...grants)).toBe(identity(...grants.reverse()));
  });
});
