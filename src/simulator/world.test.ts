import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { Micros } from "../../models/kernel/index.ts";
import { contractBreach } from "../../models/kernel/index.ts";
import { ChosenAgenda, ExhaustiveChooser, pctChooser, randomChooser, replayChooser } from "./chooser.ts";
import type { Fault } from "./faults.ts";
import type { WorldEvent } from "./process.ts";
import {
  cancelTimer,
  note,
  put,
  putSync,
  reply,
  runToys,
  send,
  setTimer,
  type ToyConfig,
  type ToyEffect,
  type ToyTypes,
  type ToyWorldOptions,
  toyMachine,
  toyWorld,
} from "./testing.ts";
import { TraceRecorder } from "./trace.ts";

const SLOW_SYNC = { disk: { syncMinUs: 10_000 } } as const;

function request(toys: ReturnType<typeof toyWorld>, atMs: number, to: string, ...effects: readonly ToyEffect[]): void {
  const { world } = toys;
  world.schedule(atMs * 1000, () => world.request(to, `r${atMs}`, { kind: "do", n: 0, effects }));
}

test("the toy machine keeps the contract of a machine", () => {
  const clock = { now: 1, wall: 2 };
  const breach = contractBreach(toyMachine, {
    durable: [1],
    config: { onBoot: [put(2, 3)], onTimer: { t: [putSync(4)] }, pingsMax: 3 },
    clock,
    inputs: [
      { kind: "timer", name: "t", ...clock },
      { kind: "receive", from: "b", message: { kind: "ping", n: 1 }, ...clock },
      { kind: "request", id: "q", body: { kind: "do", n: 0, effects: [note("x")] }, ...clock },
    ],
  });
  expect(breach).toBeNull();
});

describe("effects", () => {
  test("are carried out in order", () => {
    const { journal } = runToys({ a: { onBoot: [note("1"), reply("q", "x"), note("2")] } }, [], 1);
    expect(journal.of("a")).toEqual(["0 boot", "0 note 1", "0 reply q x", "0 note 2"]);
  });

  test("that follow a synced write wait until it is durable, and inputs wait too", () => {
    const toys = toyWorld({ a: {}, b: {} }, SLOW_SYNC);
    request(toys, 1, "a", put(1), note("before"), putSync(2), note("after"), send("b", "hello"));
    request(toys, 5, "a", note("next"));
    toys.world.start();
    toys.world.run(10_999);
    expect(toys.journal.of("a")).toEqual(["0 boot", "1 request r1", "1 note before"]);
    expect(toys.world.process("a").durable).toEqual([]);
    toys.world.run(30_000);
    expect(toys.world.process("a").durable).toEqual([1, 2]);
    expect(toys.journal.of("a").slice(3)).toEqual(["11 note after", "11 request r5", "11 note next"]);
    expect(toys.journal.of("b")).toEqual(["0 boot", "12 receive hello0 from a"]);
  });

  test("that follow a write without fsync do not wait, and several fsyncs of one step come one after the other", () => {
    const toys = toyWorld({ a: {} }, SLOW_SYNC);
    request(toys, 1, "a", put(1), note("at once"), putSync(2), note("one"), putSync(3), note("two"));
    toys.world.start();
    toys.world.run(100_000);
    expect(toys.journal.of("a").slice(2)).toEqual(["1 note at once", "11 note one", "21 note two"]);
  });

  test("stop when an observer stops the run at a reply", () => {
    const { world, journal } = toyWorld({ a: { onBoot: [reply("q", "x"), note("never")] } });
    world.observe([{ onReply: () => (world.stopped = true) }, journal]);
    world.start();
    world.run(1000);
    expect(journal.texts("a")).toEqual(["boot", "reply q x"]);
    expect(world.runOne(1000)).toBe(false);
  });

  test("a message to nobody is nobody's", () => {
    const { journal } = runToys({ a: { onBoot: [send("nobody", "hello"), note("on")] } }, [], 5);
    expect(journal.texts("a")).toEqual(["boot", "note on"]);
  });

  test("a message to oneself arrives at once, as an input of its own, and through any trouble of the network", () => {
    const config = { onBoot: [send("a", "x"), note("first")], onReceive: { x: [note("then")] } };
    const toys = toyWorld({ a: config, b: {} }, { network: { loss: 1, latencyMinUs: 5000 } });
    toys.world.start();
    toys.world.run(1000);
    expect(toys.journal.of("a")).toEqual(["0 boot", "0 note first", "0 receive x0 from a", "0 note then"]);
  });

  test("a message to oneself waits for the fsync before it, and goes down with the process", () => {
    const config = { onBoot: [putSync(1), send("a", "x")] };
    const { journal } = runToys({ a: config }, [{ kind: "kill", atMs: 5, target: "a", downMs: 20 }], 36, SLOW_SYNC);
    expect(journal.of("a")).toEqual(["0 boot", "5 crash 1", "25 boot 1", "35 receive x0 from a"]);
    const point = { effect: "send", nth: 1, edge: "after" } as const;
    const killed = runToys(
      { a: config },
      [{ kind: "kill", atMs: 0, target: "self", downMs: 0, on: point }],
      30,
      SLOW_SYNC,
    );
    expect(killed.journal.of("a")).toEqual(["0 boot", "10 crash 1", "10 boot 1", "20 receive x0 from a"]);
  });
});

describe("requests", () => {
  test("find a process that is up, and are lost when it is down", () => {
    const toys = toyWorld({ a: {} });
    request(toys, 1, "a", reply("r1", "yes"));
    request(toys, 3, "a", reply("r3", "yes"));
    toys.faults.schedule([{ kind: "kill", atMs: 2, target: "a", downMs: 10 }]);
    toys.world.start();
    toys.world.run(5000);
    expect(toys.journal.of("a")).toEqual(["0 boot", "1 request r1", "1 reply r1 yes", "2 crash", "3 lost r3"]);
  });

  test("to a process that is not there are an error of the caller", () => {
    const { world } = toyWorld({ a: {} });
    expect(() => world.request("b", "q", { kind: "do", n: 0 })).toThrow("no process b");
    expect([world.resolve("b"), world.resolve("first")]).toEqual([null, null]);
    world.start();
    expect(world.resolve("first")?.id).toBe("a");
  });
});

describe("connections", () => {
  const configs = { a: {}, b: {} };

  test("end with the incarnation they lead to: what was on its way is lost", () => {
    const received = (connected: boolean) => {
      const toys = toyWorld(configs, { connected });
      request(toys, 1, "a", send("b", "early"));
      toys.world.schedule(1500, () => toys.world.kill("b"));
      toys.world.schedule(1600, () => toys.world.boot("b"));
      request(toys, 3, "a", send("b", "late"));
      toys.world.start();
      toys.world.run(10_000);
      return toys.journal.texts("b", /receive/);
    };
    expect(received(true)).toEqual(["receive late0 from a"]);
    expect(received(false)).toEqual(["receive early0 from a", "receive late0 from a"]);
  });

  test("are not made to a process that is not up", () => {
    const received = (connected: boolean) => {
      const toys = toyWorld(configs, { connected });
      toys.world.schedule(500, () => toys.world.kill("b"));
      request(toys, 1, "a", send("b", "early"));
      toys.world.schedule(1600, () => toys.world.boot("b"));
      toys.world.start();
      toys.world.run(10_000);
      return toys.journal.texts("b", /receive/);
    };
    expect(received(true)).toEqual([]);
    expect(received(false)).toEqual(["receive early0 from a"]);
  });
});

describe("timers", () => {
  const step = fc.record({
    afterUs: fc.integer({ min: 0, max: 40 }),
    act: fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant("set" as const),
          name: fc.constantFrom("x", "y"),
          us: fc.integer({ min: 0, max: 60 }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("cancel" as const), name: fc.constantFrom("x", "y") }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("kill" as const) }) },
    ),
  });

  /** What timers must do, the naive way: a list of what is set, looked at each microsecond. */
  function naive(steps: readonly { afterUs: number; act: { kind: string; name?: string; us?: number } }[]): string[] {
    const fired: string[] = [];
    let due: { name: string; atUs: number }[] = [];
    const until = (atUs: number) => {
      for (const { name, atUs: at } of due.filter((timer) => timer.atUs < atUs)) fired.push(`${at} ${name}`);
      due = due.filter((timer) => timer.atUs >= atUs);
    };
    let now = 0;
    for (const { afterUs, act } of steps) {
      now += afterUs;
      until(now);
      due = act.kind === "kill" ? [] : due.filter(({ name }) => name !== act.name);
      if (act.kind === "set") due.push({ name: act.name!, atUs: now + act.us! });
    }
    until(Number.POSITIVE_INFINITY);
    return fired.sort();
  }

  test.prop([fc.array(step, { maxLength: 40 }), fc.boolean()], { seed: 1, numRuns: 500 })(
    "fire once when they are due, unless set anew, cancelled or lost in a crash, as in a naive list",
    (steps, chosen) => {
      const agenda = new ChosenAgenda<WorldEvent<ToyTypes>>(randomChooser(1), 0);
      agenda.chooseByTime();
      const { world, journal } = toyWorld({ a: {} }, chosen ? { agenda } : {});
      let now = 0;
      // What the scenario does was scheduled first, so it comes before timers that are due at the same time.
      for (const { afterUs, act } of steps) {
        now += afterUs;
        world.schedule(now, () => {
          if (act.kind === "kill") {
            world.kill("a");
            world.boot("a");
            return;
          }
          const effect = act.kind === "set" ? setTimer(act.name, act.us) : cancelTimer(act.name);
          world.request("a", "r", { kind: "do", n: 0, effects: [effect] });
        });
      }
      world.start();
      world.run(10_000);
      const fired = journal.entries.filter(({ text }) => text.startsWith("timer"));
      expect(fired.map(({ atUs, text }) => `${atUs} ${text.slice(6)}`).sort()).toEqual(naive(steps));
    },
  );

  test("fire at a time drawn from all of their range, a new one at each arming", () => {
    const again = [setTimer("t", 1000, 2000)];
    const { journal } = runToys({ a: { onBoot: again, onTimer: { t: again } } }, [], 500);
    const times = journal.entries.filter(({ text }) => text === "timer t").map(({ atUs }) => atUs);
    const gaps = times.map((at, i) => at - (times[i - 1] ?? 0));
    expect([Math.min(...gaps) >= 1000, Math.min(...gaps) < 1050]).toEqual([true, true]);
    expect([Math.max(...gaps) <= 2000, Math.max(...gaps) > 1950]).toEqual([true, true]);
    expect(new Set(gaps).size).toBeGreaterThan(100);
  });

  test("of a former life never fire, and draws go on after a restart", () => {
    const { journal } = runToys(
      { a: { onBoot: [setTimer("t", 5000, 9000)] } },
      [{ kind: "kill", atMs: 2, target: "a", downMs: 1 }],
      100,
    );
    const fired = journal.entries.filter(({ text }) => text === "timer t").map(({ atUs }) => atUs);
    const undisturbed = runToys({ a: { onBoot: [setTimer("t", 5000, 9000)] } }, [], 100).journal.entries;
    expect(fired).toHaveLength(1);
    expect(fired[0]! - 3000).not.toBe(undisturbed.find(({ text }) => text === "timer t")!.atUs);
  });

  test("that became due while the process was held up, and were then set anew or cancelled, do not fire from before", () => {
    const toys = toyWorld(
      { a: { onBoot: [setTimer("x", 3000), setTimer("y", 4000), setTimer("z", 5000)] } },
      SLOW_SYNC,
    );
    request(toys, 1, "a", putSync(1), setTimer("x", 20_000), cancelTimer("y"));
    toys.world.start();
    toys.world.run(100_000);
    expect(toys.journal.of("a").slice(2)).toEqual(["11 timer z", "31 timer x"]);
  });

  test("that became due in a pause fire after what had arrived before, unless that unsets them", () => {
    const toys = toyWorld({ a: { onBoot: [setTimer("x", 5000), setTimer("y", 5000)] } });
    request(toys, 4, "a", cancelTimer("x"));
    toys.faults.schedule([{ kind: "pause", atMs: 3, target: "a", durationMs: 10 }]);
    toys.world.start();
    toys.world.run(100_000);
    expect(toys.journal.of("a")).toEqual(["0 boot", "13 request r4", "13 timer y"]);
  });
});

describe("determinism", () => {
  const busy = (peers: readonly string[]): ToyConfig => ({
    onBoot: [...peers.map((peer) => send(peer, "ping", 1)), setTimer("tick", 1000, 9000)],
    onTimer: { tick: [putSync(1), ...peers.map((peer) => send(peer, "tock")), setTimer("tick", 1000, 9000), put(2)] },
    pingsMax: 60,
  });
  const CONFIGS = { a: busy(["b", "c"]), b: busy(["c"]), c: busy(["a"]) };
  const OPTIONS: ToyWorldOptions = {
    network: {
      latencyMinUs: 200,
      latencyJitterUs: 800,
      tailDoublingsMax: 6,
      loss: 0.02,
      duplicate: 0.02,
      reorder: 0.1,
    },
    disk: { syncMinUs: 100, syncJitterUs: 300, tailDoublingsMax: 6 },
    clock: { driftMax: 0.01, skewMaxUs: 1000 },
  };
  const FAULTS: readonly Fault[] = [
    { kind: "crash", atMs: 10, target: "a", downMs: 20, torn: true },
    { kind: "pause", atMs: 15, target: "b", durationMs: 10 },
    { kind: "storm", atMs: 40, durationMs: 20, loss: 0.3, duplicate: 0.3, reorder: 0.3 },
    { kind: "kill", atMs: 0, target: "self", downMs: 5, on: { effect: "persist", nth: 7, edge: "after" } },
    { kind: "partition", atMs: 70, side: ["c"], direction: "in", durationMs: 10 },
  ];

  function traced(seed: number, faults = FAULTS) {
    const trace = new TraceRecorder();
    const toys = runToys(CONFIGS, faults, 120, { ...OPTIONS, seed, trace });
    return { ...toys, lines: trace.lines, hash: toys.world.hash.digest() };
  }

  test("the same scenario gives the same trace and hash", () => {
    const [one, two] = [traced(1), traced(1)];
    expect(one.lines.length).toBeGreaterThan(400);
    expect(two.lines).toEqual(one.lines);
    expect(two.hash).toBe(one.hash);
  });

  test("a trace that is kept changes nothing", () => {
    const { world } = runToys(CONFIGS, FAULTS, 120, { ...OPTIONS, seed: 1 });
    expect(world.hash.digest()).toBe(traced(1).hash);
  });

  test("another seed, or one fault less, gives another hash", () => {
    const hashes = [traced(1), traced(2), traced(1, FAULTS.slice(1))].map(({ hash }) => hash);
    expect(new Set(hashes).size).toBe(3);
  });

  test("the hash sees each input, its content and its time", () => {
    const hashOf = (kind: string, n: number, atMs: number, to: string) => {
      const toys = toyWorld({ a: {}, b: {} });
      request(toys, atMs, "a", send(to, kind, n));
      toys.world.start();
      toys.world.run(10_000);
      return toys.world.hash.digest();
    };
    const hashes = [
      hashOf("x", 1, 1, "b"),
      hashOf("y", 1, 1, "b"),
      hashOf("x", 2, 1, "b"),
      hashOf("x", 1, 2, "b"),
      hashOf("x", 1, 1, "a"),
    ];
    expect(new Set(hashes).size).toBe(5);
  });

  test("the hash sees a message that leaves the state as it was", () => {
    const hashOf = (n: number) => {
      const options = { digestState: () => 0 };
      return runToys({ a: { onBoot: [send("b", "x", n)] }, b: {} }, [], 10, options).world.hash.digest();
    };
    expect(hashOf(1)).toBe(hashOf(1));
    expect(hashOf(1)).not.toBe(hashOf(2));
  });
});

describe("draws keep their addresses", () => {
  /** a and b exchange pings, c writes at its timer's pace, d is what something happens to. */
  const CONFIGS = {
    a: { onBoot: [send("b", "ping", 1)], pingsMax: 200 },
    b: { pingsMax: 200 },
    c: { onBoot: [setTimer("t", 500, 5000)], onTimer: { t: [putSync(1), setTimer("t", 500, 5000)] } },
    d: { onBoot: [setTimer("t", 500, 900)], onTimer: { t: [send("a", "noise"), put(1), setTimer("t", 500, 900)] } },
  } satisfies Record<string, ToyConfig>;
  const OPTIONS: ToyWorldOptions = {
    network: { latencyMinUs: 200, latencyJitterUs: 800, tailDoublingsMax: 6, loss: 0.001 },
    disk: { syncMinUs: 100, syncJitterUs: 300, tailDoublingsMax: 6 },
    clock: { driftMax: 0.01, skewMaxUs: 1000 },
  };
  const OTHERS: Record<string, readonly Fault[]> = {
    "no fault": [],
    "a crash": [{ kind: "crash", atMs: 5, target: "d", downMs: 10, torn: true }],
    "a pause and a slow disk": [
      { kind: "pause", atMs: 5, target: "d", durationMs: 10 },
      { kind: "slowDisk", atMs: 20, target: "d", durationMs: 10, syncMs: 3 },
    ],
    "a noisy link": [{ kind: "link", atMs: 5, from: "d", to: "a", durationMs: 50, loss: 0.5, duplicate: 0.5 }],
    "a partition": [{ kind: "partition", atMs: 5, side: ["d"], direction: "both", durationMs: 50 }],
    "a wrong clock": [{ kind: "clockRate", atMs: 5, target: "d", durationMs: 50, rate: 2 }],
  };

  function others(faults: readonly Fault[]): string[] {
    const { journal } = runToys(CONFIGS, faults, 200, OPTIONS);
    return ["a", "b", "c"].flatMap((id) =>
      journal
        .of(id)
        .filter((line) => !line.includes("noise"))
        .map((line) => `${id} ${line}`),
    );
  }

  test.each(Object.keys(OTHERS).slice(1))(
    "%s of d leaves the messages of a and b and the timers of c as they were",
    (name) => {
      const undisturbed = others([]);
      expect(undisturbed.length).toBeGreaterThan(100);
      expect(others(OTHERS[name]!)).toEqual(undisturbed);
    },
  );

  test("a lost message leaves the delays of those after it", () => {
    const configs = {
      a: { onBoot: [setTimer("t", 20_000)], onTimer: { t: [send("b", "x"), setTimer("t", 20_000)] } },
      b: {},
    };
    const arrivals = (faults: readonly Fault[]) =>
      runToys(configs, faults, 400, { network: { latencyJitterUs: 900 } })
        .journal.of("b")
        .slice(1);
    const cut = arrivals([{ kind: "partition", atMs: 70, side: ["a"], direction: "out", durationMs: 60 }]);
    const all = arrivals([]);
    expect(all).toHaveLength(19);
    expect(cut).toEqual([...all.slice(0, 3), ...all.slice(6)]);
  });
});

describe("clocks", () => {
  test("processes of one host share one, others do not", () => {
    const { world } = toyWorld({ a: {}, b: {}, c: {} }, { hosts: { a: "h", b: "h" }, clock: { driftMax: 0.1 } });
    const [a, b, c] = world.processes.map((process) => process.clock);
    expect(b).toBe(a);
    expect(c!.rate).not.toBe(a!.rate);
  });

  test("a machine reads its host's, and a timer is measured on it", () => {
    const toys = toyWorld({ a: { onBoot: [setTimer("t", 9000)] } }, { clock: { skewMaxUs: 1000 } });
    const clock = toys.world.process("a").clock;
    clock.overrideRate(1.5, 0);
    toys.world.start();
    toys.world.run(100_000);
    expect(toys.journal.entries[1]).toMatchObject({ atUs: 6000, clock: { now: 9000, wall: 9000 + clock.offsetUs } });
  });
});

describe("the bounds of a run", () => {
  const CLOCKWORK = { a: { onBoot: [setTimer("t", 1000)], onTimer: { t: [setTimer("t", 1000)] } } };

  test("it goes up to its horizon and no further", () => {
    const { world, journal } = runToys(CLOCKWORK, [], 10);
    expect([world.now, world.events, journal.of("a").at(-1)]).toEqual([10_000, 10, "10 timer t"]);
    world.run(10_999);
    expect([world.now, world.events]).toEqual([10_999, 10]);
  });

  test("it goes no further than so many events", () => {
    const { world } = toyWorld(CLOCKWORK);
    world.eventsMax = 7;
    world.start();
    world.run(1_000_000);
    expect([world.now, world.events]).toEqual([7000, 7]);
  });

  test("one event at a time makes the same run", () => {
    const { world, journal } = toyWorld(CLOCKWORK);
    world.start();
    let events = 0;
    while (world.runOne(10_000)) events++;
    const whole = runToys(CLOCKWORK, [], 10);
    expect([events, journal.of("a"), world.hash.digest()]).toEqual([
      10,
      whole.journal.of("a"),
      whole.world.hash.digest(),
    ]);
  });
});

describe("chosen orders", () => {
  const tick = (...peers: readonly string[]): ToyConfig => ({
    onBoot: [setTimer("t", 1000, 5000)],
    onTimer: { t: [...peers.map((peer) => send(peer, "ping", 1)), putSync(1), setTimer("t", 1000, 5000)] },
    pingsMax: 4,
  });
  const CONFIGS = { a: tick("b", "c"), b: tick("a"), c: tick("a", "b") };
  const FAULTS: readonly Fault[] = [
    { kind: "crash", atMs: 10, target: "a", downMs: 5, torn: true },
    { kind: "pause", atMs: 20, target: "b", durationMs: 5 },
  ];

  function run(chooser: ConstructorParameters<typeof ChosenAgenda>[0], windowUs: Micros) {
    const agenda = new ChosenAgenda<WorldEvent<ToyTypes>>(chooser, windowUs);
    const { world, journal } = runToys(CONFIGS, FAULTS, 100, { agenda, network: { latencyJitterUs: 500 } });
    return { choices: agenda.choices, hash: world.hash.digest(), entries: journal.entries };
  }

  test.each([
    ["random", randomChooser(5)],
    ["PCT", pctChooser(5, 3, 500)],
  ])("recorded from a %s run and replayed give the same run", (_, chooser) => {
    const first = run(chooser, 3000);
    expect(first.choices.length).toBeGreaterThan(200);
    const again = run(replayChooser(first.choices), 3000);
    expect(again.entries).toEqual(first.entries);
    expect(again.hash).toBe(first.hash);
  });

  test("differ from the order of time, and from one another", () => {
    const hashes = [run(randomChooser(5), 3000), run(randomChooser(6), 3000), run(replayChooser([]), 0)].map(
      ({ hash }) => hash,
    );
    expect(new Set(hashes).size).toBe(3);
  });

  test("never let time go back, nor a link or a timer out of order", () => {
    const { entries } = run(randomChooser(9), 3000);
    const times = entries.map(({ atUs }) => atUs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  /** All orders in which a hears of two messages of each of some others: (2n)! / 2^n of them. */
  function orders(senders: readonly string[], windowUs: number): string[] {
    const chooser = new ExhaustiveChooser(100);
    const seen: string[] = [];
    const configs = Object.fromEntries(senders.map((id) => [id, { onBoot: [send("a", id, 1), send("a", id, 2)] }]));
    do {
      const agenda = new ChosenAgenda<WorldEvent<ToyTypes>>(chooser, windowUs);
      const { journal } = runToys({ a: {}, ...configs }, [], 10, { agenda });
      seen.push(
        journal
          .texts("a", /receive/)
          .map((text) => text.slice(8, 10))
          .join(" "),
      );
    } while (chooser.next());
    expect(chooser.truncated).toBe(0);
    return seen;
  }

  test("exhaustively: every interleaving of a tiny world, each once", () => {
    expect(orders(["b", "c"], Number.POSITIVE_INFINITY)).toMatchInlineSnapshot(`
      [
        "b1 b2 c1 c2",
        "b1 c1 b2 c2",
        "b1 c1 c2 b2",
        "c1 b1 b2 c2",
        "c1 b1 c2 b2",
        "c1 c2 b1 b2",
      ]
    `);
    const three = orders(["b", "c", "d"], Number.POSITIVE_INFINITY);
    expect([three.length, new Set(three).size]).toEqual([90, 90]);
  });

  test("exhaustively: two messages, and a kill and a restart of the receiver, in each of 4!/(2! 2!) orders", () => {
    const chooser = new ExhaustiveChooser(100);
    const seen = new Set<string>();
    let runs = 0;
    do {
      const agenda = new ChosenAgenda<WorldEvent<ToyTypes>>(chooser, Number.POSITIVE_INFINITY);
      const { journal } = runToys(
        { a: { onReceive: { x: [putSync(1)] } }, b: { onBoot: [send("a", "x", 1), send("a", "x", 2)] } },
        [{ kind: "kill", atMs: 1, target: "a", downMs: 1 }],
        10,
        { agenda },
      );
      seen.add(journal.texts("a").join(", "));
      runs++;
    } while (chooser.next());
    expect(runs).toBe(6);
    expect([...seen].sort()).toMatchInlineSnapshot(`
      [
        "boot, crash, boot",
        "boot, crash, boot, receive x1 from b, receive x2 from b",
        "boot, crash, boot, receive x2 from b",
        "boot, receive x1 from b, crash 1, boot 1",
        "boot, receive x1 from b, crash 1, boot 1, receive x2 from b",
        "boot, receive x1 from b, receive x2 from b, crash 1 1, boot 1 1",
      ]
    `);
  });
});

describe("runs of one event after the other agree with a naive count", () => {
  const message = fc
    .tuple(fc.nat({ max: 2 }), fc.nat({ max: 2 }), fc.nat({ max: 20 }))
    .filter(([from, to]) => from !== to);

  test.prop([fc.array(message, { maxLength: 30 })], {
    seed: 1,
    numRuns: 100,
  })("every message that is sent arrives once, in order on its link, a millisecond later", (messages) => {
    const ids = ["a", "b", "c"];
    const toys = toyWorld({ a: {}, b: {}, c: {} });
    messages.forEach(([from, to, atMs], n) => {
      toys.world.schedule(atMs * 1000, () =>
        toys.world.request(ids[from]!, `r${n}`, { kind: "do", n: 0, effects: [send(ids[to]!, "m", n)] }),
      );
    });
    toys.world.start();
    toys.world.run(1_000_000);
    const inOrder = [...messages.keys()].sort((a, b) => messages[a]![2] - messages[b]![2]);
    for (const [index, id] of ids.entries()) {
      const expected = inOrder
        .filter((n) => messages[n]![1] === index)
        .map((n) => `${messages[n]![2] + 1} receive m${n} from ${ids[messages[n]![0]]}`);
      expect(toys.journal.of(id).filter((line) => line.includes("receive"))).toEqual(expected);
    }
  });
});
