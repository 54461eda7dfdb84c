import { describe, expect, it } from "vitest";
import { contractBreach } from "../kernel/index.ts";
import { NaiveStore } from "../store/testing/naive-store.ts";
import type { ClientRequest, ClientResponse } from "./index.ts";
import { CLIENT_NOTES, storeClient } from "./index.ts";
import { type Walk, type WalkResult, walk } from "./testing/walk.ts";

const WALKS = 30;

/** What became of the work of one kind; what a crash cut off is unknown. */
function fates<Kind extends ClientRequest["kind"]>({ asked, answered }: WalkResult, kind: Kind) {
  type Fate = { readonly request: Extract<ClientRequest, { kind: Kind }>; readonly response: ClientResponse | null };
  const found: Fate[] = [];
  for (const [id, request] of asked)
    if (request.kind === kind) found.push({ request: request as Fate["request"], response: answered.get(id) ?? null });
  const of = (outcome: ClientResponse["outcome"]): Fate[] =>
    found.filter(({ response }) => (response === null ? outcome === "unknown" : response.outcome === outcome));
  return { ok: of("ok"), failed: of("failed"), unknown: of("unknown") };
}

/** No two sessions hold the lock, each by its own clock. */
function checkLock(run: Walk): void {
  let holders = 0;
  for (let at = 0; at < run.clients.length; at++)
    for (const { lease } of run.clients[at]!.state.sessions)
      if (lease !== null && lease.holds !== null && run.clock(at) < lease.validUntil) holders++;
  expect(holders).toBeLessThanOrEqual(1);
}

function checkEnd(store: NaiveStore, result: WalkResult): void {
  const { asked, answered, abandoned, seen, skipped, nextRevisions } = result;
  const content = store.contents.at(-1)!;
  for (const [id, request] of asked)
    if (!(request.kind === "watch" && request.forUs === 0))
      expect(answered.has(id) || abandoned.has(id), `${id} ${JSON.stringify(request)}`).toBe(true);

  const increments = fates(result, "increment");
  const count = Number(content.get("n")?.value ?? 0);
  expect(count).toBeGreaterThanOrEqual(increments.ok.length);
  expect(count).toBeLessThanOrEqual(increments.ok.length + increments.unknown.length);
  const numbers = increments.ok.map(({ response }) => response!.result);
  expect(new Set(numbers).size).toBe(numbers.length);

  const adds = fates(result, "setAdd");
  for (const { request } of adds.ok) expect(content.has(`s/${request.element}`)).toBe(true);
  for (const { request } of adds.failed) expect(content.has(`s/${request.element}`)).toBe(false);

  const balance = (key: string): number => Number(content.get(key)?.value ?? 0);
  expect(balance("x") + balance("y")).toBe(0);

  const taken = fates(result, "dequeue");
  const values = taken.ok.map(({ response }) => response!.result).filter((value) => value !== null);
  expect(new Set(values).size).toBe(values.length);
  const left = [...content].filter(([key]) => key.startsWith("q/")).map(([, kv]) => kv.value);
  for (const value of left) expect(values).not.toContain(value);
  const lost = fates(result, "enqueue").ok.filter(
    ({ request }) => !values.includes(request.value) && !left.includes(request.value),
  );
  expect(lost.length).toBeLessThanOrEqual(taken.unknown.length);
  for (const { request } of fates(result, "enqueue").failed) expect([...left, ...values]).not.toContain(request.value);

  for (const [work, events] of seen) {
    const request = asked.get(work)!;
    const next = nextRevisions.get(work) ?? Number(answered.get(work)?.result ?? Number.NaN) + 1;
    if (request.kind !== "watch" || Number.isNaN(next)) continue;
    const first = request.create.startRevision === 0 ? events[0]!.kv.modRevision : request.create.startRevision;
    const changes = store.changes.slice(first, next).flat();
    const wanted = changes.filter(({ key, modRevision }) => {
      return key >= "a" && key < "z" && skipped.get(work)?.has(modRevision) !== true;
    });
    expect(events.map(({ kv }) => kv)).toEqual(wanted);
  }
  for (const [, next] of nextRevisions) expect(next).toBe(store.revision + 1);
  expect(store.terms.size).toBe(0);
}

describe("clients of one store, through trouble and out of it", () => {
  const notes = new Set<string>();

  it("keep what they have said, hold a lock one at a time, see all, and come to an end", () => {
    for (let seed = 1; seed <= WALKS; seed++) {
      const store = new NaiveStore();
      const result = walk(seed, store, checkLock);
      checkEnd(store, result);
      for (const name of result.notes) notes.add(name);
    }
  });

  it("reach all rules, but for those that it takes somebody else to", () => {
    // What they do then stands in lease-id-taken.txt, lock-key-gone.txt and watch-refused.txt.
    const others = ["client/lease/id-taken", "client/lock/key-gone", "client/watch/refused"];
    expect(CLIENT_NOTES.filter((name) => !notes.has(name) && !others.includes(name))).toEqual([]);
  });

  it("keep the contract of a machine", () => {
    for (let seed = 1; seed <= 6; seed++)
      for (const { config, bootedAt, inputs } of walk(seed, new NaiveStore(), () => {}).lives) {
        const clock = { now: bootedAt, wall: bootedAt };
        expect(contractBreach(storeClient, { durable: null, config, clock, inputs })).toBe(null);
      }
  });
});
