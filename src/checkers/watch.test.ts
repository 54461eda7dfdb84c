import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { KeyValue, StoreEvent, WatchCreate, WatchResponse } from "../../models/store/types.ts";
import { CommittedEvents, isTombstone } from "./committed-events.ts";
import { type Guarantee, inRange, WatchAudit } from "./watch.ts";

const keys = ["a", "b", "c"] as const;

/** Revisions of random puts and deletes; each changes a key at most once. */
const histories = fc
  .array(
    fc.uniqueArray(fc.record({ key: fc.constantFrom(...keys), put: fc.boolean() }), {
      minLength: 1,
      selector: ({ key }) => key,
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map((transactions) =>
    transactions.map((changes, at) =>
      changes.map(
        ({ key, put }): KeyValue => ({
          key,
          value: put ? `${at}` : "",
          createRevision: put ? at + 2 : 0,
          modRevision: at + 2,
          version: put ? 1 : 0,
          lease: 0,
        }),
      ),
    ),
  );

const creates: fc.Arbitrary<WatchCreate> = fc.record({
  key: fc.constantFrom(...keys),
  rangeEnd: fc.constantFrom("", "c", "\0"),
  startRevision: fc.integer({ min: 1, max: 10 }),
  prevKv: fc.boolean(),
  filters: fc.constantFrom([], ["noPut" as const], ["noDelete" as const]),
  progressNotify: fc.constant(true),
  fragment: fc.constant(true),
});

/** What a careful server sends: all that is asked for, in batches of some revisions, split into fragments. */
function served(history: readonly (readonly KeyValue[])[], create: WatchCreate, batch: number): WatchResponse[] {
  const latest = history.length + 1;
  const current = new Map<string, KeyValue>();
  const responses = [responseOf({ created: true, revision: latest })];
  let events: StoreEvent[] = [];
  history.forEach((changes, at) => {
    for (const kv of changes) {
      const was = current.get(kv.key);
      current.set(kv.key, kv);
      const type = isTombstone(kv) ? "delete" : "put";
      if (at + 2 < create.startRevision || !inRange(create, kv.key)) continue;
      if (create.filters.includes(type === "put" ? "noPut" : "noDelete")) continue;
      events.push({ type, kv, prevKv: create.prevKv && was !== undefined && !isTombstone(was) ? was : null });
    }
    if ((at + 1) % batch !== 0 && at + 2 !== latest) return;
    for (const [i, event] of events.entries())
      responses.push(responseOf({ events: [event], fragment: i + 1 < events.length, revision: latest }));
    responses.push(responseOf({ revision: at + 2 }));
    events = [];
  });
  return responses;
}

function responseOf(more: Partial<WatchResponse>): WatchResponse {
  return {
    kind: "watchResponse",
    watchId: "w",
    sequence: 0,
    created: false,
    canceled: false,
    compactRevision: 0,
    revision: 1,
    events: [],
    fragment: false,
    ...more,
  };
}

/** The guarantees that some responses break, and the first revision that is left untold. */
function audit(history: readonly (readonly KeyValue[])[], create: WatchCreate, responses: readonly WatchResponse[]) {
  const committed = new CommittedEvents();
  history.forEach((changes, at) => {
    committed.add(at + 2, changes);
  });
  const watch = new WatchAudit(create, committed);
  const broken = new Set<Guarantee>();
  for (const response of responses) watch.take(response, 0, (guarantee) => broken.add(guarantee));
  return { broken: [...broken], untold: watch.firstUntold(history.length + 1) };
}

describe("WatchAudit", () => {
  const sizes = fc.integer({ min: 1, max: 5 });

  test.prop([histories, creates, sizes], { seed: 1, numRuns: 500 })(
    "finds nothing wrong with a careful server, whatever was asked for",
    (history, create, batch) => {
      expect(audit(history, create, served(history, create, batch))).toEqual({ broken: [], untold: 0 });
    },
  );

  test.prop([histories, creates, sizes, fc.nat()], { seed: 2, numRuns: 500 })(
    "notices each event that is left out, told twice or told to the wrong watcher",
    (history, create, batch, chosen) => {
      const responses = served(history, create, batch);
      const events = responses.flatMap((response, at) => (response.events.length > 0 ? [at] : []));
      fc.pre(events.length > 0);
      const at = events[chosen % events.length]!;
      const without = responses.with(at, { ...responses[at]!, events: [] });
      expect(audit(history, create, without).broken).not.toEqual([]);
      const twice = responses.toSpliced(at, 0, { ...responses[at]!, fragment: true });
      expect(audit(history, create, twice).broken).toContain("unique");
      const late = audit(history, create, [...responses, { ...responses[at]!, fragment: false }]).broken;
      expect(late).toContain("unique");
      const { kv } = responses[at]!.events[0]!;
      const filters = [isTombstone(kv) ? ("noDelete" as const) : ("noPut" as const)];
      expect(audit(history, { ...create, filters }, responses).broken).toContain("filter");
    },
  );

  test.prop([histories, creates], { seed: 3, numRuns: 300 })("knows what is still to be told", (history, create) => {
    const first = history.findIndex((changes, at) => at + 2 >= create.startRevision && changes.some(wanted(create)));
    expect(audit(history, create, []).untold).toBe(first < 0 ? 0 : first + 2);
  });
});

function wanted(create: WatchCreate) {
  return (kv: KeyValue) => inRange(create, kv.key) && !create.filters.includes(isTombstone(kv) ? "noDelete" : "noPut");
}

describe("CommittedEvents", () => {
  const put = (key: string, modRevision: number): KeyValue => ({
    key,
    value: "",
    createRevision: modRevision,
    modRevision,
    version: 1,
    lease: 0,
  });

  test("remembers what a key was before, unless revisions were left out", () => {
    const committed = new CommittedEvents();
    committed.add(2, [put("a", 2)]);
    committed.add(3, [put("a", 3), put("b", 3)]);
    expect(committed.at(3)!.map(({ previous }) => previous)).toEqual([put("a", 2), null]);
    committed.add(6, [put("a", 6)]);
    committed.add(7, [put("a", 7), put("b", 7)]);
    expect([committed.at(4), committed.at(8), committed.latest]).toEqual([null, null, 7]);
    expect(committed.at(6)![0]!.previous).toBeUndefined();
    expect(committed.at(7)!.map(({ previous }) => previous)).toEqual([put("a", 6), undefined]);
  });
});
