import { describe, expect, test } from "vitest";
import type { Fault } from "./faults.ts";
import {
  note,
  put,
  putSync,
  runToys,
  send,
  setTimer,
  type ToyConfig,
  type ToyEffect,
  type ToyWorldOptions,
  toyWorld,
} from "./testing.ts";

const SLOW_SYNC = { disk: { syncMinUs: 10_000 } } as const;

/** A process that does something each millisecond, from the first on. */
function eachMs(...effects: readonly ToyEffect[]): ToyConfig {
  const tick = [setTimer("tick", 1000), ...effects];
  return { onBoot: [setTimer("tick", 1000)], onTimer: { tick } };
}

/** A process that does something once, so many milliseconds after each boot. */
function onceAfter(ms: number, ...effects: readonly ToyEffect[]): ToyConfig {
  return { onBoot: [setTimer("once", ms * 1000)], onTimer: { once: effects } };
}

/** When a process took something in, in milliseconds. */
function times(lines: readonly string[], what: string): number[] {
  return lines.filter((line) => line.includes(what)).map((line) => Number.parseFloat(line));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** What is on a's disk after a run, over many seeds: each outcome once. */
function disksOf(config: ToyConfig, faults: readonly Fault[], options: ToyWorldOptions = {}): string[] {
  const seen = new Set<string>();
  for (let seed = 0; seed < 60; seed++)
    seen.add(
      runToys({ a: config }, faults, 100, { ...options, seed })
        .world.process("a")
        .durable.join(""),
    );
  return [...seen].sort();
}

describe("crash", () => {
  const CRASH: Fault = { kind: "crash", atMs: 5, target: "a", downMs: 20, torn: false };

  test("loses a drawn suffix of what was not synced, and nothing of what was", () => {
    const config = onceAfter(2, putSync(1), put(2), put(3, 4));
    expect(disksOf(config, [{ ...CRASH, downMs: 1000 }])).toEqual(["1", "12", "1234"]);
  });

  test("torn: keeps some first pieces of one unsynced write, never all of them", () => {
    const config = onceAfter(2, putSync(1), put(2), put(3, 4, 5));
    expect(disksOf(config, [{ ...CRASH, torn: true, downMs: 1000 }])).toEqual(["1", "12", "123", "1234"]);
  });

  test("takes the memory, the timers and what was on hold, and comes back after downMs with its disk", () => {
    const { journal } = runToys({ a: onceAfter(3, putSync(7), setTimer("late", 10_000)) }, [CRASH], 27);
    expect(journal.of("a")).toEqual(["0 boot", "3 timer once", "5 crash 7", "25 boot 7"]);
  });

  test("takes all processes of the host, and no other", () => {
    const { journal } = runToys({ a: {}, b: {}, c: {} }, [CRASH], 50, { hosts: { a: "h", b: "h" } });
    expect(journal.of("a")).toEqual(["0 boot", "5 crash", "25 boot"]);
    expect(journal.of("b")).toEqual(["0 boot", "5 crash", "25 boot"]);
    expect(journal.of("c")).toEqual(["0 boot"]);
  });

  test("in the middle of a slow fsync: the write may be lost or not, what follows it never happens", () => {
    const config = onceAfter(2, putSync(1), note("durable"), send("a", "done"));
    for (let seed = 0; seed < 20; seed++) {
      const { journal } = runToys({ a: config }, [CRASH], 24, { ...SLOW_SYNC, seed });
      expect(journal.texts("a", /note|receive/)).toEqual([]);
    }
    expect(disksOf(config, [{ ...CRASH, downMs: 1000 }], SLOW_SYNC)).toEqual(["", "1"]);
  });

  test("messages on their way to a process that is down are lost, those that come when it is up again arrive", () => {
    const { journal } = runToys({ a: {}, b: eachMs(send("a", "m")) }, [CRASH], 40);
    expect(times(journal.of("a"), "receive")).toEqual([2, 3, 4, ...range(25, 40)]);
  });

  test("finds nothing to strike in what is down already", () => {
    const { faults, journal } = runToys(
      { a: {} },
      [CRASH, { ...CRASH, atMs: 10 }, { ...CRASH, atMs: 11, target: "first" }],
      100,
    );
    expect(faults.struck.get("crash")).toBe(1);
    expect(journal.of("a")).toEqual(["0 boot", "5 crash", "25 boot"]);
  });
});

describe("kill", () => {
  test("keeps what was written, and leaves the other processes of the host alone", () => {
    const kill: Fault = { kind: "kill", atMs: 5, target: "a", downMs: 10 };
    const { journal } = runToys({ a: onceAfter(2, put(1), put(2)), b: {} }, [kill], 16, { hosts: { a: "h", b: "h" } });
    expect(journal.of("a")).toEqual(["0 boot", "2 timer once", "5 crash 1 2", "15 boot 1 2"]);
    expect(journal.of("b")).toEqual(["0 boot"]);
  });

  test("in the middle of an fsync keeps the write, and what follows it never happens", () => {
    const kill: Fault = { kind: "kill", atMs: 5, target: "a", downMs: 50 };
    const { journal } = runToys({ a: onceAfter(2, putSync(1), note("durable")) }, [kill], 40, SLOW_SYNC);
    expect(journal.of("a")).toEqual(["0 boot", "2 timer once", "5 crash 1"]);
  });
});

describe("a fault at a point", () => {
  const WORK = onceAfter(
    1,
    send("b", "x", 1),
    putSync(1),
    send("b", "x", 2),
    putSync(2),
    send("b", "x", 3),
    note("end"),
  );

  function strike(effect: "send" | "persist" | "note", nth: number, edge: "before" | "after", more: object = {}) {
    const fault: Fault = {
      kind: "crash",
      atMs: 0,
      target: "self",
      downMs: 50,
      torn: false,
      on: { effect, nth, edge, ...more },
    };
    const { world, journal } = runToys({ a: WORK, b: {} }, [fault], 20);
    const received = journal.texts("b", /receive/).map((text) => text.slice(9, 10));
    return `sent ${received.join("")}, wrote ${world.process("a").durable.join("")}, ${world.process("a").status}`;
  }

  test("strikes before or after the n-th effect of its kind, and what follows does not happen", () => {
    expect([
      strike("send", 1, "before"),
      strike("send", 1, "after"),
      strike("persist", 1, "before"),
      strike("persist", 1, "after"),
      strike("send", 2, "before"),
      strike("send", 2, "after"),
      strike("persist", 2, "after"),
      strike("send", 3, "after"),
      strike("note", 1, "after"),
      strike("note", 2, "after"),
    ]).toMatchInlineSnapshot(`
      [
        "sent , wrote , down",
        "sent 1, wrote , down",
        "sent 1, wrote , down",
        "sent 1, wrote 1, down",
        "sent 1, wrote 1, down",
        "sent 12, wrote 1, down",
        "sent 12, wrote 12, down",
        "sent 123, wrote 12, down",
        "sent 123, wrote 12, down",
        "sent 123, wrote 12, up",
      ]
    `);
  });

  test("strikes only at the process and the detail that it names", () => {
    expect(strike("send", 1, "before", { process: "b" })).toBe("sent 123, wrote 12, up");
    expect(strike("send", 1, "before", { process: "first" })).toBe("sent , wrote , down");
    expect(strike("send", 1, "before", { detail: "y" })).toBe("sent 123, wrote 12, up");
    expect(strike("persist", 2, "before", { detail: "put", process: "a" })).toBe("sent 12, wrote 1, down");
  });

  test("after a synced write strikes while the fsync is going on", () => {
    const fault: Fault = {
      kind: "crash",
      atMs: 0,
      target: "self",
      downMs: 500,
      torn: false,
      on: { effect: "persist", nth: 1, edge: "after" },
    };
    expect(disksOf(onceAfter(1, putSync(1), note("on")), [fault], SLOW_SYNC)).toEqual(["", "1"]);
  });

  test("is waited for from atMs on, and strikes once", () => {
    const fault: Fault = {
      kind: "kill",
      atMs: 5.5,
      target: "self",
      downMs: 2,
      on: { effect: "send", nth: 2, edge: "after" },
    };
    const { journal } = runToys({ a: eachMs(send("b", "m")), b: {} }, [fault], 20);
    expect(times(journal.of("a"), "crash")).toEqual([7]);
  });

  test("may strike another process than the one that reached it", () => {
    const fault: Fault = {
      kind: "kill",
      atMs: 0,
      target: "b",
      downMs: 50,
      on: { effect: "note", nth: 1, edge: "after" },
    };
    const { journal } = runToys({ a: onceAfter(3, note("now"), send("b", "m")), b: {} }, [fault], 20);
    expect(journal.of("b")).toEqual(["0 boot", "3 crash"]);
  });

  test("pauses before an effect or after it", () => {
    const pause = (edge: "before" | "after"): Fault => ({
      kind: "pause",
      atMs: 0,
      target: "self",
      durationMs: 10,
      on: { effect: "note", detail: "two", nth: 1, edge },
    });
    const notes = (fault: Fault) =>
      runToys({ a: onceAfter(1, note("one"), note("two"), note("three")) }, [fault], 50).journal.of("a");
    expect(notes(pause("before")).slice(2)).toEqual(["1 note one", "11 note two", "11 note three"]);
    expect(notes(pause("after")).slice(2)).toEqual(["1 note one", "1 note two", "11 note three"]);
  });

  test("a pause before an effect does not make it count twice", () => {
    const on = { effect: "note", edge: "before" } as const;
    const { journal } = runToys(
      { a: onceAfter(1, note("one"), note("two"), note("three")) },
      [
        { kind: "pause", atMs: 0, target: "self", durationMs: 10, on: { ...on, nth: 1 } },
        { kind: "kill", atMs: 0, target: "self", downMs: 100, on: { ...on, nth: 3 } },
      ],
      50,
    );
    expect(journal.of("a").slice(2)).toEqual(["11 note one", "11 note two", "11 crash"]);
  });

  test("a pause before an effect does not hide what waits for the next", () => {
    const on = { effect: "note", nth: 1, edge: "before" } as const;
    const { journal } = runToys(
      { a: { onBoot: [setTimer("tick", 1000)], onTimer: { tick: [note("on"), setTimer("tick", 1000)] } } },
      [
        { kind: "pause", atMs: 0, target: "self", durationMs: 10, on },
        { kind: "kill", atMs: 15.5, target: "self", downMs: 100, on },
      ],
      50,
    );
    expect(journal.of("a").slice(-4)).toEqual(["15 timer tick", "15 note on", "16 timer tick", "16 crash"]);
  });
});

describe("pause", () => {
  const PAUSE: Fault = { kind: "pause", atMs: 5.5, target: "a", durationMs: 10 };

  test("holds inputs, which are then taken in their order, at the time of the clock that ran on", () => {
    const { journal } = runToys({ a: { onBoot: [setTimer("t", 9000)] }, b: eachMs(send("a", "m")) }, [PAUSE], 17);
    const held = journal.entries.filter(({ process, atUs }) => process === "a" && atUs === 15_500);
    expect(held.map(({ text }) => text)).toEqual([
      ...range(6, 8).map(() => "receive m0 from b"),
      "timer t",
      ...range(9, 15).map(() => "receive m0 from b"),
    ]);
    for (const { clock } of held) expect(clock!.now).toBe(15_500);
    expect(times(journal.of("a"), "receive").slice(-2)).toEqual([16, 17]);
  });

  test("of several, the last to end counts", () => {
    const { journal } = runToys({ a: eachMs() }, [PAUSE, { ...PAUSE, atMs: 10.25 }], 30);
    expect(times(journal.of("a"), "timer").slice(0, 7)).toEqual([1, 2, 3, 4, 5, 20.25, 21.25]);
  });

  test("ends with the process, and its end is not the end of another's pause", () => {
    const faults: Fault[] = [PAUSE, { kind: "kill", atMs: 7, target: "a", downMs: 1 }, { ...PAUSE, atMs: 9.25 }];
    expect(times(runToys({ a: eachMs() }, faults, 21).journal.of("a"), "timer")).toEqual([
      1, 2, 3, 4, 5, 9, 19.25, 20.25,
    ]);
  });

  test("what it held is lost with the process", () => {
    const faults: Fault[] = [
      PAUSE,
      { kind: "kill", atMs: 7.25, target: "a", downMs: 1 },
      { ...PAUSE, atMs: 9.25, durationMs: 2 },
    ];
    const { journal } = runToys({ a: {}, b: eachMs(send("a", "m")) }, faults, 12);
    expect(times(journal.of("a"), "receive")).toEqual([2, 3, 4, 5, 9, 11.25, 11.25, 12]);
  });

  test("lets an fsync go on, and holds what follows it", () => {
    const { world, journal } = runToys({ a: onceAfter(2, putSync(1), note("on")) }, [PAUSE], 14, SLOW_SYNC);
    expect([world.process("a").durable, journal.texts("a", /note/)]).toEqual([[1], []]);
    world.run(20_000);
    expect(journal.of("a").at(-1)).toBe("15.5 note on");
  });
});

describe("slow", () => {
  test("each step takes so much longer, and effects and further inputs wait for it", () => {
    const slow: Fault = { kind: "slow", atMs: 0, target: "a", durationMs: 20, stepUs: 3000 };
    const burst = onceAfter(4, ...range(1, 3).map((n) => send("a", "x", n)));
    const { journal } = runToys({ a: { onReceive: { x: [note("done")] } }, b: burst }, [slow], 50);
    expect(journal.of("a")).toEqual([
      "0 boot",
      "5 receive x1 from b",
      "8 note done",
      "8 receive x2 from b",
      "11 note done",
      "11 receive x3 from b",
      "14 note done",
    ]);
  });

  test("ends", () => {
    const slow: Fault = { kind: "slow", atMs: 0, target: "a", durationMs: 3, stepUs: 3000 };
    const { journal } = runToys(
      { a: { onReceive: { x: [note("done")] } }, b: onceAfter(4, send("a", "x")) },
      [slow],
      50,
    );
    expect(journal.of("a").at(-1)).toBe("5 note done");
  });
});

describe("partition", () => {
  const CONFIGS = {
    a: eachMs(send("b", "m"), send("c", "m")),
    b: eachMs(send("a", "m"), send("c", "m")),
    c: eachMs(send("a", "m"), send("b", "m")),
  };

  function missing(faults: readonly Fault[]): Record<string, string> {
    const { journal } = runToys(CONFIGS, faults, 40);
    const result: Record<string, string> = {};
    for (const to of ["a", "b", "c"])
      for (const from of ["a", "b", "c"].filter((id) => id !== to)) {
        const got = times(journal.of(to), `from ${from}`);
        const gone = range(2, 40).filter((ms) => !got.includes(ms));
        if (gone.length > 0) result[`${from}->${to}`] = `${gone[0]}-${gone.at(-1)}:${gone.length}`;
      }
    return result;
  }

  const CUT: Fault = { kind: "partition", atMs: 10.5, durationMs: 10, side: ["a"], direction: "both" };

  test("in both directions: the side and the others do not hear each other", () => {
    expect(missing([CUT])).toEqual({ "a->b": "12-21:10", "a->c": "12-21:10", "b->a": "12-21:10", "c->a": "12-21:10" });
  });

  test("in: the side does not hear", () => {
    expect(missing([{ ...CUT, direction: "in" }])).toEqual({ "b->a": "12-21:10", "c->a": "12-21:10" });
  });

  test("out: the side is not heard", () => {
    expect(missing([{ ...CUT, direction: "out" }])).toEqual({ "a->b": "12-21:10", "a->c": "12-21:10" });
  });

  test("those of one side hear each other", () => {
    expect(missing([{ ...CUT, side: ["a", "c"], direction: "out" }])).toEqual({
      "a->b": "12-21:10",
      "c->b": "12-21:10",
    });
  });

  test("where several overlap, a link is cut until the last of them ends", () => {
    const later: Fault = { ...CUT, atMs: 15.5, side: ["a", "b"] };
    expect(missing([CUT, later])).toEqual({
      "a->b": "12-21:10",
      "b->a": "12-21:10",
      "a->c": "12-26:15",
      "c->a": "12-26:15",
      "b->c": "17-26:10",
      "c->b": "17-26:10",
    });
  });

  test("finds nothing to strike when all are on one side", () => {
    const { faults } = runToys(
      CONFIGS,
      [
        { ...CUT, side: ["a", "b", "c"] },
        { ...CUT, side: ["self"] },
      ],
      20,
    );
    expect(faults.struck.size).toBe(0);
  });
});

describe("link", () => {
  const LINK = { kind: "link", atMs: 10.5, durationMs: 20, from: "a", to: "b" } as const;
  const CONFIGS = { a: eachMs(send("b", "m"), send("c", "m")), b: eachMs(send("a", "m")), c: {} };

  function received(noise: object, seed = 1): { ab: number[]; others: number[] } {
    const { journal } = runToys(CONFIGS, [{ ...LINK, ...noise }], 60, { seed });
    return {
      ab: times(journal.of("b"), "from a"),
      others: [...times(journal.of("c"), "from a"), ...times(journal.of("a"), "from b")],
    };
  }

  const ALL = range(2, 60);

  test("loses messages of one link, while it lasts", () => {
    const { ab, others } = received({ loss: 1 });
    expect(ab).toEqual(ALL.filter((ms) => ms < 12 || ms > 31));
    expect(others).toEqual([...ALL, ...ALL]);
    const some = received({ loss: 0.5 }).ab.length;
    expect([some < ALL.length, some > ALL.length - 20]).toEqual([true, true]);
  });

  test("duplicates", () => {
    const { ab, others } = received({ duplicate: 1 });
    expect(ab).toEqual(ALL.flatMap((ms) => (ms < 12 || ms > 31 ? [ms] : [ms, ms])));
    expect(others).toEqual([...ALL, ...ALL]);
  });

  test("delays, and what comes after the delay does not overtake", () => {
    const { ab, others } = received({ delayMs: 30 });
    const due = ALL.map((ms) => (ms < 12 ? ms : ms <= 31 ? ms + 30 : Math.max(ms, 61)));
    expect(ab).toEqual(due.filter((ms) => ms <= 60));
    expect(others).toEqual([...ALL, ...ALL]);
  });

  test("reorders", () => {
    const order = (noise: object) => {
      const sends = onceAfter(11, ...range(1, 30).map((n) => send("b", "m", n)));
      const { journal } = runToys({ a: sends, b: {} }, [{ ...LINK, ...noise }], 200, {
        network: { latencyJitterUs: 5000 },
      });
      return journal.texts("b", /receive/).map((text) => Number(/m(\d+)/.exec(text)![1]));
    };
    expect(order({ reorder: 0 })).toEqual(range(1, 30));
    const reordered = order({ reorder: 1 });
    expect(reordered).not.toEqual(range(1, 30));
    expect([...reordered].sort((a, b) => a - b)).toEqual(range(1, 30));
  });

  test("finds nothing to strike between a process and itself, or who is not there", () => {
    const { faults } = runToys(
      CONFIGS,
      [
        { ...LINK, to: "a" },
        { ...LINK, to: "nobody" },
      ],
      20,
    );
    expect(faults.struck.size).toBe(0);
  });
});

describe("storm", () => {
  test("makes trouble on all links, while it lasts", () => {
    const configs = { a: eachMs(send("b", "m")), b: eachMs(send("a", "m")) };
    const { journal } = runToys(configs, [{ kind: "storm", atMs: 10.5, durationMs: 10, loss: 1 }], 40);
    const expected = range(2, 40).filter((ms) => ms < 12 || ms > 21);
    expect([times(journal.of("a"), "from b"), times(journal.of("b"), "from a")]).toEqual([expected, expected]);
  });
});

describe("clog", () => {
  const CLOG: Fault = { kind: "clog", atMs: 10.5, durationMs: 10, from: "a", to: "b" };
  const numbered = { onBoot: range(1, 30).map((n) => setTimer(`${n}`, n * 1000)) };
  const A: ToyConfig = {
    ...numbered,
    onTimer: Object.fromEntries(range(1, 30).map((n) => [`${n}`, [send("b", "m", n), send("c", "m", n)]])),
  };

  function numbers(lines: readonly string[]): string[] {
    return lines.filter((line) => line.includes("receive")).map((line) => line.replace(/ receive m(\d+) .*/, ":$1"));
  }

  test("holds the messages of one link, and releases them in order at its end", () => {
    const { journal } = runToys({ a: A, b: {}, c: {} }, [CLOG], 40);
    expect(numbers(journal.of("b"))).toEqual([
      ...range(1, 10).map((n) => `${n + 1}:${n}`),
      ...range(11, 20).map((n) => `21.5:${n}`),
      ...range(21, 30).map((n) => `${n + 1}:${n}`),
    ]);
    expect(numbers(journal.of("c"))).toEqual(range(1, 30).map((n) => `${n + 1}:${n}`));
  });

  test("where two overlap, all is held until the last ends", () => {
    const { journal } = runToys({ a: A, b: {}, c: {} }, [CLOG, { ...CLOG, atMs: 15.5 }], 40);
    expect(numbers(journal.of("b")).filter((line) => line.startsWith("26.5:"))).toHaveLength(15);
    expect(numbers(journal.of("b")).map((line) => Number(line.split(":")[1]))).toEqual(range(1, 30));
  });

  test("what it releases does not overtake what was on its way before it", () => {
    for (let seed = 0; seed < 20; seed++) {
      const { journal } = runToys({ a: A, b: {}, c: {} }, [{ ...CLOG, durationMs: 2 }], 500, {
        seed,
        network: { latencyJitterUs: 5000, tailDoublingsMax: 4 },
      });
      expect(numbers(journal.of("b")).map((line) => Number(line.split(":")[1]))).toEqual(range(1, 30));
    }
  });
});

describe("clog of some messages", () => {
  const BOTH: ToyConfig = {
    onBoot: range(1, 20).map((n) => setTimer(`${n}`, n * 1000)),
    onTimer: Object.fromEntries(range(1, 20).map((n) => [`${n}`, [send("b", "news", n), send("b", "answer", n)]])),
  };
  const clog = (changes: object): Fault =>
    ({ kind: "clog", atMs: 5.5, durationMs: 10, from: "a", to: "b", messages: ["news"], ...changes }) as Fault;

  function heard(faults: readonly Fault[], hosts = {}) {
    const { journal } = runToys({ a: BOTH, b: {} }, faults, 40, { hosts });
    const of = (kind: string) =>
      journal.of("b").flatMap((line) => {
        const found = new RegExp(`^([\\d.]+) receive ${kind}(\\d+) `).exec(line);
        return found === null ? [] : [[Number(found[1]), Number(found[2])] as const];
      });
    return { news: of("news"), answers: of("answer") };
  }

  test("holds those that go by a name, and lets all others pass", () => {
    const { news, answers } = heard([clog({})]);
    expect(news.map(([, n]) => n)).toEqual(range(1, 20));
    expect(news.filter(([ms]) => ms > 6.5 && ms < 16.4)).toEqual([]);
    expect(answers).toEqual(range(1, 20).map((n) => [n + 1, n]));
  });

  test("of two that overlap each holds its own, until its own end", () => {
    const { news, answers } = heard([clog({}), clog({ atMs: 7.5, messages: ["answer"] })]);
    expect(news.filter(([ms]) => ms > 6.5 && ms < 16.4)).toEqual([]);
    expect(news.find(([, n]) => n === 6)![0]).toBe(16.5);
    expect(answers.find(([, n]) => n === 8)![0]).toBe(18.5);
    for (const list of [news, answers]) expect(list.map(([, n]) => n)).toEqual(range(1, 20));
  });

  test("beside one of all messages, which ends first", () => {
    const { news, answers } = heard([clog({}), { kind: "clog", atMs: 7.5, durationMs: 3, from: "a", to: "b" }]);
    expect(answers.find(([, n]) => n === 8)![0]).toBe(11.5);
    expect(news.find(([, n]) => n === 8)![0]).toBe(16.5);
  });

  test("reaches processes of one host, and what is released comes before what is sent later", () => {
    const { news, answers } = heard([clog({})], { a: "one", b: "one" });
    expect(news.filter(([ms]) => ms > 6.5 && ms < 15.5)).toEqual([]);
    expect(news.map(([, n]) => n)).toEqual(range(1, 20));
    expect(answers.every(([ms, n]) => ms - n < 2)).toBe(true);
  });
});

describe("slowDisk", () => {
  test("adds to each fsync, while it lasts", () => {
    const slow: Fault = { kind: "slowDisk", atMs: 10, target: "a", durationMs: 20, syncMs: 7 };
    const work = (ms: number) => onceAfter(ms, putSync(1), note("durable"));
    const { journal } = runToys(
      { a: work(5), b: work(15), c: work(35) },
      [slow, { ...slow, target: "b" }, { ...slow, target: "c" }],
      60,
      SLOW_SYNC,
    );
    expect([journal.of("a"), journal.of("b"), journal.of("c")].map((lines) => lines.at(-1))).toEqual([
      "15 note durable",
      "32 note durable",
      "45 note durable",
    ]);
  });
});

describe("fullDisk", () => {
  const FULL: Fault = { kind: "fullDisk", atMs: 5, target: "a", durationMs: 20 };

  test("stops its target at the next write, which does not happen, and brings it back when there is room", () => {
    const config: ToyConfig = {
      onBoot: [setTimer("write", 3000)],
      onTimer: { write: [putSync(1), note("written"), setTimer("write", 3000)] },
    };
    const { journal } = runToys({ a: config }, [FULL], 29);
    expect(journal.of("a")).toEqual([
      "0 boot",
      "3 timer write",
      "3 note written",
      "6 timer write",
      "6 crash 1",
      "25 boot 1",
      "28 timer write",
      "28 note written",
    ]);
  });

  test("does not touch a process that writes nothing", () => {
    const { journal } = runToys({ a: eachMs(note("on")) }, [FULL], 30);
    expect(times(journal.of("a"), "note")).toEqual(range(1, 30));
  });

  test("keeps what was written before, as the host stays up", () => {
    const config: ToyConfig = {
      onBoot: [setTimer("one", 4000), setTimer("two", 6000)],
      onTimer: { one: [put(1)], two: [put(2)] },
    };
    expect(runToys({ a: config }, [FULL], 26).journal.of("a").slice(-2)).toEqual(["6 crash 1", "25 boot 1"]);
  });

  test("does not bring back what is down for another reason", () => {
    const crash: Fault = { kind: "crash", atMs: 10, target: "a", downMs: 40, torn: false };
    expect(runToys({ a: {} }, [FULL, crash], 60).journal.of("a")).toEqual(["0 boot", "10 crash", "50 boot"]);
  });
});

describe("corrupt", () => {
  const CORRUPT: Fault = { kind: "corrupt", atMs: 5, target: "a" };

  test("takes its target for good, and its host's others for a moment", () => {
    const { world, journal } = runToys({ a: {}, b: {} }, [CORRUPT], 3000, { losses: 1, hosts: { a: "h", b: "h" } });
    expect(journal.of("a")).toEqual(["0 boot", "5 crash"]);
    expect(journal.of("b")).toEqual(["0 boot", "5 crash", "1005 boot"]);
    expect([world.process("a").status, world.process("b").status]).toEqual(["dead", "up"]);
  });

  test("does nothing beyond the budget", () => {
    const faults = ["a", "b", "a", "c"].map((target, i): Fault => ({ ...CORRUPT, atMs: 5 + i, target }));
    const { world, faults: injector } = runToys({ a: {}, b: {}, c: {} }, faults, 3000, { losses: 2 });
    expect(world.processes.map(({ status }) => status)).toEqual(["dead", "dead", "up"]);
    expect(injector.struck.get("corrupt")).toBe(2);
    const none = runToys({ a: {} }, [CORRUPT], 3000, { losses: 0 });
    expect([none.world.process("a").status, none.faults.struck.size]).toEqual(["up", 0]);
  });

  test("strikes a process that is down, which then does not come back", () => {
    const crash: Fault = { kind: "crash", atMs: 2, target: "a", downMs: 10, torn: false };
    const { journal } = runToys({ a: {} }, [crash, CORRUPT], 3000, { losses: 1 });
    expect(journal.of("a")).toEqual(["0 boot", "2 crash"]);
  });
});

describe("clockRate", () => {
  const FAST: Fault = { kind: "clockRate", atMs: 10, target: "a", durationMs: 20, rate: 2 };

  test("changes timers that are set while it lasts, and leaves those that are set", () => {
    const config: ToyConfig = {
      onBoot: [setTimer("old", 20_000), setTimer("start", 12_000)],
      onTimer: {
        start: [setTimer("new", 10_000)],
        new: [setTimer("later", 10_000)],
        later: [setTimer("slow", 10_000)],
        slow: [setTimer("normal", 10_000)],
      },
    };
    const { journal } = runToys({ a: config, b: config }, [FAST], 100);
    expect(journal.of("a").slice(1)).toEqual([
      "12 timer start",
      "17 timer new",
      "20 timer old",
      "22 timer later",
      "27 timer slow",
      "32 timer normal",
    ]);
    expect(journal.of("b").slice(1)).toEqual([
      "12 timer start",
      "20 timer old",
      "22 timer new",
      "32 timer later",
      "42 timer slow",
      "52 timer normal",
    ]);
  });

  test("makes the host's clock run at that rate from there on, and it never goes back", () => {
    for (const rate of [0.5, 1.3, 2]) {
      const { journal } = runToys({ a: {}, b: eachMs(send("a", "m")) }, [{ ...FAST, rate }], 50);
      const shown = journal.entries.flatMap(({ process, atUs, clock }) =>
        process === "a" && clock ? [[atUs, clock.now] as const] : [],
      );
      for (const [i, [at, now]] of shown.entries()) {
        expect(now).toBe(
          Math.min(at, 10_000) +
            Math.floor(Math.max(0, Math.min(at, 30_000) - 10_000) * rate) +
            Math.max(0, at - 30_000),
        );
        expect(now).toBeGreaterThanOrEqual(shown[i - 1]?.[1] ?? 0);
      }
    }
  });
});

describe("clockJump", () => {
  test("moves the calendar clock of the host, for good, and nothing else", () => {
    const jump: Fault = { kind: "clockJump", atMs: 10, target: "a", byMs: -5000 };
    const { world, journal } = runToys({ a: eachMs(), b: eachMs(), c: eachMs() }, [jump], 20, {
      hosts: { a: "h", b: "h" },
    });
    for (const { process, atUs, clock } of journal.entries)
      if (clock !== undefined)
        expect(clock).toEqual({ now: atUs, wall: atUs - (process !== "c" && atUs >= 10_000 ? 5_000_000 : 0) });
    expect(times(journal.of("a"), "timer")).toEqual(range(1, 20));
    expect(world.process("a").clock.offsetUs).toBe(-5_000_000);
  });
});

describe("heal", () => {
  const LONG = { atMs: 5, durationMs: 1_000_000 };
  const EVERYTHING: readonly Fault[] = [
    { kind: "pause", target: "a", ...LONG },
    { kind: "crash", target: "b", atMs: 5, downMs: 1_000_000, torn: true },
    { kind: "kill", target: "c", atMs: 5, downMs: 1_000_000 },
    { kind: "slow", target: "d", stepUs: 50_000, ...LONG },
    { kind: "slowDisk", target: "d", syncMs: 50, ...LONG },
    { kind: "fullDisk", target: "e", ...LONG },
    { kind: "partition", side: ["a", "b"], direction: "both", ...LONG },
    { kind: "link", from: "a", to: "b", loss: 1, ...LONG },
    { kind: "storm", loss: 0.9, duplicate: 0.5, delayMs: 500, ...LONG },
    { kind: "clog", from: "c", to: "d", ...LONG },
    { kind: "clockRate", target: "e", rate: 2, ...LONG },
    {
      kind: "crash",
      target: "self",
      atMs: 5,
      downMs: 10,
      torn: false,
      on: { effect: "send", nth: 500, edge: "after" },
    },
  ];
  const peers = ["a", "b", "c", "d", "e"];
  const CONFIGS = Object.fromEntries(
    peers.map((id) => [id, eachMs(put(1), ...peers.filter((peer) => peer !== id).map((peer) => send(peer, "m")))]),
  );

  test("ends every fault: all run, hear each other on time, and nothing strikes any more", () => {
    const { world, journal, faults } = runToys(
      CONFIGS,
      [...EVERYTHING, { kind: "kill", target: "a", atMs: 60, downMs: 1000 }],
      50,
      {
        network: { loss: 0.5, duplicate: 0.5, reorder: 0.5 },
      },
    );
    expect(faults.struck.size).toBe(11);
    expect(world.processes.map(({ status }) => status)).toEqual(["up", "down", "down", "up", "down"]);
    faults.heal([]);
    world.run(500_000);
    journal.entries.length = 0;
    world.run(1_500_000);
    for (const id of peers) {
      expect(journal.texts(id, /timer/).length, id).toBe(1000);
      for (const peer of peers.filter((other) => other !== id))
        expect(journal.texts(id, new RegExp(`from ${peer}`)).length, `${peer} to ${id}`).toBe(1000);
    }
    expect(world.process("e").clock.rate).toBe(1);
  });

  test("ends each fault once: its own end, later, changes nothing", () => {
    const shorter = EVERYTHING.map((fault) => ("durationMs" in fault ? { ...fault, durationMs: 500 } : fault));
    const { world, faults } = runToys(CONFIGS, shorter, 50);
    expect(world.points.any).toBe(true);
    faults.heal([]);
    expect(world.points.any).toBe(false);
    world.run(2_000_000);
    for (const { id, stepCostUs, disk, pausedBy } of world.processes) {
      expect([stepCostUs, disk.slowUs, disk.full, pausedBy]).toEqual([0, 0, 0, 0]);
      for (const { id: to } of world.processes)
        expect(world.link(id, to)).toMatchObject({ cuts: 0, clogs: [], troubles: [] });
    }
  });

  test("keeps down for good whom it is told to, as far as the system must bear it", () => {
    const { world, journal, faults } = runToys({ a: {}, b: {}, c: {} }, [], 5, { losses: 1 });
    faults.heal(["b", "c"]);
    world.run(100_000);
    expect(world.processes.map(({ status }) => status)).toEqual(["up", "dead", "up"]);
    expect(journal.of("b")).toEqual(["0 boot", "5 crash"]);
  });

  test("does not even start for a moment what is down and stays down", () => {
    const crash: Fault = { kind: "crash", target: "b", atMs: 5, downMs: 1000, torn: false };
    const { world, journal, faults } = runToys({ a: {}, b: {} }, [crash], 10, { losses: 1 });
    faults.heal(["b"]);
    world.run(5_000_000);
    expect(journal.of("b")).toEqual(["0 boot", "5 crash"]);
  });

  test("counts those lost to corruption against those that may stay down", () => {
    const corrupt: Fault = { kind: "corrupt", target: "a", atMs: 1 };
    const { world, faults } = runToys({ a: {}, b: {}, c: {} }, [corrupt], 5, { losses: 1 });
    faults.heal(["b", "a"]);
    expect(world.processes.map(({ status }) => status)).toEqual(["dead", "up", "up"]);
  });
});

describe("coverage", () => {
  test("tells which faults were on when a message came or a rule was taken", () => {
    const { world } = runToys(
      { a: eachMs(send("b", "m")), b: { onReceive: { m: [note("rule")] } } },
      [
        { kind: "slowDisk", atMs: 5.5, target: "a", durationMs: 5, syncMs: 1 },
        { kind: "clockJump", atMs: 8.5, target: "a", byMs: 1 },
        { kind: "kill", atMs: 9, target: "nobody", downMs: 5 },
      ],
      20,
    );
    const table = world.coverage.table();
    const column = (kind: string) => world.coverage.columns.indexOf(kind);
    for (const row of ["m", "rule"])
      expect([
        table[row]![0],
        table[row]![column("slowDisk")],
        table[row]![column("clockJump")],
        table[row]![column("kill")],
      ]).toEqual([4, 5, 12, 0]);
  });
});

describe("struck", () => {
  test("counts faults that found something to strike, and observers are told of them", () => {
    const { world, faults } = toyWorld({ a: {} });
    const told: string[] = [];
    world.observe([{ onFault: (kind) => told.push(kind) }]);
    faults.schedule([
      { kind: "pause", atMs: 1, target: "a", durationMs: 1 },
      { kind: "pause", atMs: 3, target: "nobody", durationMs: 1 },
      { kind: "kill", atMs: 4, target: "first", downMs: 1 },
      { kind: "kill", atMs: 5, target: "self", downMs: 1 },
    ]);
    world.start();
    world.run(100_000);
    expect([told, Object.fromEntries(faults.struck)]).toEqual([["pause", "kill"], { pause: 1, kill: 1 }]);
  });
});
