import { describe, expect, test } from "vitest";
import { mapEntries, mapGet } from "../../kernel/index.ts";
import type { Pod } from "../../machinery/kinds/index.ts";
import type { ClusterEvent, QueuedPod, SchedulerConfig, SchedulingQueue } from "../types.ts";
import { eventsSince } from "./in-flight.ts";
import {
  EMPTY_SCHEDULING_QUEUE,
  flushBackoff,
  flushUnschedulable,
  podBackoffUs,
  type QueueRules,
  queueDue,
  queuedPodOf,
  type Strategy,
} from "./places.ts";
import {
  queueActivate,
  queueAdd,
  queueBack,
  queueDone,
  queueMoveAll,
  queuePop,
  queueUngate,
  queueUpdate,
} from "./queue.ts";

const S = 1_000_000;
const CONFIG = {
  podInitialBackoffUs: S,
  podMaxBackoffUs: 10 * S,
  unschedulableFlushUs: 300 * S,
  flushEveryUs: 30 * S,
} as SchedulerConfig;
const NODE_ADDED: ClusterEvent = { resource: "node", action: "add" };
const TAINT_CHANGED: ClusterEvent = { resource: "node", action: "updateTaint" };
const POD_DELETED: ClusterEvent = { resource: "assignedPod", action: "delete" };

function aPod(name: string, priority = 0, gates: readonly string[] = []): Pod {
  const schedulingGates = gates.length === 0 ? {} : { schedulingGates: gates.map((gate) => ({ name: gate })) };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "a", uid: `uid-${name}` },
    spec: { containers: [{ name: "c" }], priority, ...schedulingGates },
  };
}

/** A queue, and hints that are stated. */
class Queue implements QueueRules {
  readonly config = CONFIG;
  readonly notes: string[] = [];
  now = 100 * S;
  queue: SchedulingQueue = EMPTY_SCHEDULING_QUEUE;
  /** By plugin and `resource/action`. */
  hints: Record<string, Strategy> = {};
  gated = new Set<string>();

  note({ name }: { readonly name: string }): void {
    this.notes.push(name);
  }

  gateOf({ key }: QueuedPod): string {
    return this.gated.has(key) ? "SchedulingGates" : "";
  }

  strategyFor({ unschedulablePlugins }: QueuedPod, { resource, action }: ClusterEvent): Strategy {
    if (unschedulablePlugins.length === 0 || resource === "wildcard") return "afterBackoff";
    for (const plugin of unschedulablePlugins) {
      const hint = this.hints[`${plugin} ${resource}/${action}`];
      if (hint !== undefined) return hint;
    }
    return "skip";
  }

  add(...pods: readonly Pod[]): this {
    for (const pod of pods) this.queue = queueAdd(this.queue, this, pod);
    return this;
  }

  pop(): QueuedPod {
    const [queue, pod] = queuePop(this.queue)!;
    this.queue = queue;
    return pod;
  }

  back(pod: QueuedPod, ...unschedulablePlugins: readonly string[]): this {
    this.queue = queueBack(this.queue, this, { ...pod, unschedulablePlugins });
    return this;
  }

  move(event: ClusterEvent): this {
    this.queue = queueMoveAll(this.queue, this, event, null, null);
    return this;
  }

  /** Where a pod is. */
  placeOf(name: string): string {
    return mapGet(this.queue.pods, `a/${name}`)?.place ?? "nowhere";
  }
}

describe("pods are popped", () => {
  test("the highest priority first, then who came first", () => {
    const queue = new Queue().add(aPod("b", 1));
    queue.now += 1;
    queue.add(aPod("a", 1), aPod("high", 10), aPod("low", -5));
    expect([queue.pop().key, queue.pop().key, queue.pop().key, queue.pop().key]).toEqual([
      "a/high",
      "a/b",
      "a/a",
      "a/low",
    ]);
    expect(queuePop(queue.queue)).toBeNull();
  });

  test("and counted: attempts, and what held them last time is forgotten", () => {
    const queue = new Queue().add(aPod("p"));
    queue.back(queue.pop(), "NodeAffinity");
    queue.queue = queueActivate(queue.queue, queue, "a/p", "uid-p");
    expect(queue.pop()).toMatchObject({ attempts: 2, unschedulableCount: 1, unschedulablePlugins: [] });
  });
});

describe("a pod that was tried comes back", () => {
  // scheduling_queue_test.go, TestBackoffQueue: 1, 2, 4, 8, 10 s.
  test.each([
    [0, 0, 0],
    [1, 0, 1],
    [2, 0, 2],
    [3, 0, 4],
    [4, 0, 8],
    [5, 0, 10],
    [60, 0, 10],
    [1, 3, 4],
    [0, 1, 1],
  ])("rejected %i times, and %i errors in a row: %i s", (unschedulableCount, consecutiveErrors, seconds) => {
    const pod = { ...queuedPodOf(aPod("p"), 0), unschedulableCount, consecutiveErrors };
    expect(podBackoffUs(CONFIG, pod)).toBe(seconds * S);
  });

  test("rejected: it waits until something changes that may help", () => {
    const queue = new Queue().add(aPod("p"));
    queue.back(queue.pop(), "NodeResourcesFit");
    expect(queue.placeOf("p")).toBe("unschedulable");
    queue.hints = { "NodeResourcesFit assignedPod/delete": "afterBackoff" };
    queue.move(NODE_ADDED);
    expect(queue.placeOf("p")).toBe("unschedulable");
    expect(queue.notes).toContain("scheduler/queue/not-worth-a-try");
    queue.move(POD_DELETED);
    expect(queue.placeOf("p")).toBe("backoff");
  });

  test("a change after its backoff brings it to the active queue", () => {
    const queue = new Queue().add(aPod("p"));
    queue.back(queue.pop(), "TaintToleration");
    queue.hints = { "TaintToleration node/updateTaint": "afterBackoff" };
    queue.now += S;
    expect(queue.move(TAINT_CHANGED).placeOf("p")).toBe("active");
  });

  test("a change for which it is pending brings it there at once", () => {
    const queue = new Queue().add(aPod("p"));
    queue.back(queue.pop(), "TaintToleration");
    queue.hints = { "TaintToleration node/updateTaint": "immediately" };
    expect(queue.move(TAINT_CHANGED).placeOf("p")).toBe("active");
  });

  test("after an error, which nobody's event will mend, it waits out its backoff", () => {
    const queue = new Queue().add(aPod("p"));
    queue.back(queue.pop());
    expect(queue.placeOf("p")).toBe("backoff");
    expect(queueDue(queue.queue, CONFIG)).toBe(101 * S);
    queue.now += S - 1;
    expect(flushBackoff(queue.queue, queue)).toBe(queue.queue);
    queue.now++;
    queue.queue = flushBackoff(queue.queue, queue);
    expect(queue.pop()).toMatchObject({ attempts: 2, consecutiveErrors: 1, unschedulableCount: 0 });
  });

  test("a rejection ends a row of errors", () => {
    const queue = new Queue().add(aPod("p"));
    const tried = { ...queue.pop(), consecutiveErrors: 3 };
    queue.back(tried, "NodeAffinity");
    expect(mapGet(queue.queue.pods, "a/p")).toMatchObject({ consecutiveErrors: 0, unschedulableCount: 1 });
  });

  test("once: one that waits already stays where it is", () => {
    const queue = new Queue().add(aPod("p"));
    const tried = queue.pop();
    queue.queue = queueDone(queue.queue, tried.uid);
    queue.add(aPod("p"));
    expect(queue.back(tried, "NodeAffinity").placeOf("p")).toBe("active");
  });
});

describe("what changes while a pod is being tried", () => {
  test("may be just what it lacked", () => {
    const queue = new Queue().add(aPod("p"));
    const tried = queue.pop();
    queue.hints = { "NodeResourcesFit node/add": "afterBackoff" };
    queue.move(NODE_ADDED).back(tried, "NodeResourcesFit");
    expect(queue.placeOf("p")).toBe("backoff");
    expect(queue.notes).toContain("scheduler/queue/requeued-by-event-during-its-attempt");
  });

  test("or not", () => {
    const queue = new Queue().add(aPod("p"));
    const tried = queue.pop();
    queue.move(NODE_ADDED).back(tried, "NodeResourcesFit");
    expect(queue.placeOf("p")).toBe("unschedulable");
  });

  test("was before it was tried: it has been seen", () => {
    const queue = new Queue().add(aPod("first"), aPod("second"));
    queue.hints = { "NodeResourcesFit node/add": "afterBackoff" };
    const first = queue.pop();
    queue.move(NODE_ADDED);
    const second = queue.pop();
    queue.back(second, "NodeResourcesFit").back(first, "NodeResourcesFit");
    expect([queue.placeOf("first"), queue.placeOf("second")]).toEqual(["backoff", "unschedulable"]);
  });

  test("is kept for as long as anybody waits for it", () => {
    const queue = new Queue().add(aPod("first"), aPod("second"));
    const [first, second] = [queue.pop(), queue.pop()];
    queue.move(NODE_ADDED).move(POD_DELETED);
    expect(eventsSince(queue.queue, second.uid)).toHaveLength(2);
    queue.queue = queueDone(queue.queue, first.uid);
    expect(queue.queue.inFlight.size).toBe(3);
    queue.queue = queueDone(queue.queue, second.uid);
    expect([queue.queue.inFlight.size, queue.queue.inFlightPods.size]).toEqual([0, 0]);
    expect(queue.move(NODE_ADDED).queue.inFlight.size).toBe(0);
  });

  test("may be the pod itself, and the request to try it at once", () => {
    const queue = new Queue().add(aPod("p"), aPod("q"));
    const [p, q] = [queue.pop(), queue.pop()];
    queue.hints = { "TaintToleration unscheduledPod/updateToleration": "afterBackoff" };
    const tolerant: Pod = { ...aPod("p"), spec: { ...aPod("p").spec, tolerations: [{ operator: "Exists" }] } };
    queue.queue = queueUpdate(queue.queue, queue, aPod("p"), tolerant);
    queue.back(p, "TaintToleration");
    queue.queue = queueActivate(queue.queue, queue, q.key, q.uid);
    queue.back(q, "NodeName");
    expect([queue.placeOf("p"), queue.placeOf("q")]).toEqual(["backoff", "backoff"]);
  });
});

describe("gates", () => {
  test("hold a pod back until they are gone", () => {
    const queue = new Queue();
    queue.gated.add("a/p");
    queue.add(aPod("p", 0, ["g"]));
    expect(mapGet(queue.queue.pods, "a/p")).toMatchObject({
      place: "unschedulable",
      gatingPlugin: "SchedulingGates",
      unschedulablePlugins: ["SchedulingGates"],
    });
    queue.hints = { "SchedulingGates unscheduledPod/updateGatesEliminated": "afterBackoff" };
    queue.gated.clear();
    queue.queue = queueUpdate(queue.queue, queue, aPod("p", 0, ["g"]), aPod("p"));
    expect([queue.placeOf("p"), queue.pop().gatingPlugin]).toEqual(["active", ""]);
    expect(queue.notes).toContain("scheduler/queue/gate-lifted");
  });

  test("are no reason to look at it again and again", () => {
    const queue = new Queue();
    queue.gated.add("a/p");
    queue.add(aPod("p", 0, ["g"]));
    queue.now += 10_000 * S;
    expect(flushUnschedulable(queue.queue, queue)).toBe(queue.queue);
    expect(queueDue(queue.queue, CONFIG)).toBeNull();
  });

  test("that fall by themselves let a pod go at once, after its backoff, or not while there is another", () => {
    const held = () => {
      const queue = new Queue().add(aPod("p"));
      const popped = queue.pop();
      queue.gated.add("a/p");
      queue.back(popped, "NodeResourcesFit");
      queue.hints = { "NodeResourcesFit assignedPod/delete": "afterBackoff" };
      queue.queue = queueMoveAll(queue.queue, queue, POD_DELETED, null, null);
      expect(mapGet(queue.queue.pods, "a/p")).toMatchObject({
        place: "unschedulable",
        gatingPlugin: "SchedulingGates",
      });
      return queue;
    };
    const [soon, late, still] = [held(), held(), held()];
    soon.gated.clear();
    late.gated.clear();
    late.now += 5 * S;
    for (const queue of [soon, late, still]) queue.queue = queueUngate(queue.queue, queue, "a/p", "uid-p");
    expect([soon, late, still].map((queue) => queue.placeOf("p"))).toEqual(["backoff", "active", "unschedulable"]);
    expect(queueUngate(late.queue, late, "a/p", "uid-p")).toBe(late.queue);
  });
});

test("what has waited for 5 min is tried again, looked for each 30 s", () => {
  const queue = new Queue().add(aPod("p"));
  queue.back(queue.pop(), "NodeAffinity");
  expect(queueDue(queue.queue, CONFIG)).toBe(420 * S);
  queue.now += 299 * S;
  expect(flushUnschedulable(queue.queue, queue)).toBe(queue.queue);
  queue.now += S;
  queue.queue = flushUnschedulable(queue.queue, queue);
  expect(queue.placeOf("p")).toBe("active");
});

test("an event in which no plugin is interested changes nothing", () => {
  const queue = new Queue().add(aPod("p"), aPod("q"));
  queue.back(queue.pop(), "NodeAffinity");
  queue.pop();
  const before = queue.queue;
  expect(queue.move({ resource: "assignedPod", action: "updateOther" }).queue).toBe(before);
  expect(queue.move({ resource: "node", action: "updateCondition" }).queue).toBe(before);
});

test("a pod is in one place", () => {
  const queue = new Queue().add(aPod("p"), aPod("q"), aPod("r"));
  queue.back(queue.pop(), "NodeAffinity").back(queue.pop());
  const { pods, active, backoff, unschedulable } = queue.queue;
  expect([active, backoff, unschedulable].map((place) => mapEntries(place).map(([, key]) => key))).toEqual([
    ["a/r"],
    ["a/q"],
    ["a/p"],
  ]);
  expect(pods.size).toBe(3);
});
