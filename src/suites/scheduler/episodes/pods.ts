import { fc } from "../../../harness/fast-check.ts";
import type { Fault } from "../../../simulator/faults.ts";
import { IMAGES } from "../../control-plane/manifests.ts";
import type { Cast, ControlPlaneOperation } from "../../control-plane/scenario.ts";
import { weighted } from "../../shared/arbitrary.ts";
import { manifestOf, type Priority, pod, podPlan } from "../workloads.ts";
import {
  applied,
  beginning,
  inTrouble,
  LEADER,
  losing,
  type Maker,
  podDeleted,
  trouble,
  unanswered,
} from "./setting.ts";

/** Where in its work a scheduler dies, or is left without an answer. */
const POINTS = [
  "apiCall create pods/binding",
  "apiCall create pods/binding",
  "apiCall delete pods",
  "apiCall patch pods/status",
  "apiCall patch persistentvolumeclaims",
  "apiCall update persistentvolumes",
] as const;

const more = fc.record({ pods: podPlan, count: fc.integer({ min: 1, max: 5 }), everyMs: fc.constantFrom(0, 5, 200) });

/** The scheduler dies between any two of its requests, or one of them gets no answer. */
export const requestCutShort: Maker = (setting) => {
  const { cast } = setting;
  return fc
    .record({
      atMs: beginning(setting, 8000),
      detail: fc.constantFrom(...POINTS),
      nth: fc.integer({ min: 1, max: 4 }),
      edge: fc.constantFrom("before" as const, "after" as const),
      how: fc.constantFrom("kill" as const, "unanswered" as const, "server" as const, "withdrawn" as const),
      lastsMs: fc.constantFrom(50, 600, 2000, 2000, 6000),
      more,
    })
    .map(({ atMs, detail, nth, edge, how, lastsMs, more: { pods, count, everyMs } }) => {
      const on = { process: LEADER, effect: "send", detail, nth, edge } as const;
      const list = Array.from({ length: count }, (_, i) => pod(`cut-${i + 1}`, { ...pods, app: "cut", friend: "w1" }));
      const workload = [...applied(list, atMs + 100, { everyMs })];
      if (how === "withdrawn") workload.push(podDeleted("cut-1", atMs + 100, { on }));
      return { faults: how === "withdrawn" ? [] : cutShort(how, cast, { atMs, on }, lastsMs), workload };
    });
};

function cutShort(how: "kill" | "unanswered" | "server", cast: Cast, when: When, lastsMs: number): readonly Fault[] {
  switch (how) {
    case "kill":
      return [{ kind: "kill", ...when, target: "self", downMs: lastsMs }];
    case "unanswered":
      return unanswered(cast, when, lastsMs);
    case "server":
      return cast.apiServers.map((target) => ({ kind: "kill", ...when, target, downMs: Math.min(lastsMs, 600) }));
  }
}

type When = Pick<Extract<Fault, { kind: "kill" }>, "atMs" | "on">;

const important = fc.constantFrom<Priority[]>("high", "urgent", "urgent", "patient");

/**
 * Pods come for which others have to go; those may have somebody who makes them anew, and others of other priorities come
 * at the same time. One of them may be deleted just as it has made room.
 */
export const importantPods: Maker = (setting) => {
  const nodes = setting.cast.nodes.length;
  return fc
    .record({
      atMs: beginning(setting, 12_000),
      first: important,
      second: fc.constantFrom<(Priority | null)[]>(null, "low", "high", "urgent"),
      counts: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 3 })),
      laterMs: fc.integer({ min: 0, max: 3000 }),
      pods: podPlan,
      cpu: fc.constantFrom("500m", "800m", "1000m", "1500m"),
      fill: weighted([3, true], [1, false]),
      withdrawn: fc.constantFrom("no" as const, "atAttempt" as const, "atDelete" as const, "later" as const),
      withdrawnMs: fc.integer({ min: 50, max: 1500 }),
      besides: fc.constantFrom("none" as const, "unanswered" as const, "server" as const, "roomElsewhere" as const),
      trouble,
      troubleMs: fc.integer({ min: 100, max: 4000 }),
      struckMs: fc.integer({ min: 0, max: 2500 }),
    })
    .map((drawn) => {
      const { atMs, first, second, counts, laterMs, pods, cpu, fill, withdrawn, besides } = drawn;
      const wishes = pods.wishes.filter((wish) => wish !== "disk" && wish !== "gpu");
      const list = (name: string, priority: Priority | null, count: number) =>
        Array.from({ length: count }, (_, i) =>
          pod(`${name}-${i + 1}`, { ...pods, wishes, cpu, priority, app: name, friend: "w1" }),
        );
      const filler = { ...pods, wishes: [], cpu: "400m", priority: "low" as const, app: "filler", friend: "w1" };
      const workload: ControlPlaneOperation[] = [
        ...(fill ? applied([manifestOf("ReplicaSet", "filler", nodes * 5, filler)], Math.max(0, atMs - 5000)) : []),
        ...applied(list("major", first, counts[0]), atMs, { everyMs: 20 }),
        ...applied(list("minor", second, counts[1]), atMs + laterMs, { everyMs: 20, session: 1 }),
      ];
      if (besides === "roomElsewhere") workload.push(fillerScaled(atMs + drawn.withdrawnMs));
      if (withdrawn === "later") workload.push(podDeleted("major-1", atMs + drawn.withdrawnMs));
      else if (withdrawn === "atDelete") workload.push(podDeleted("major-1", atMs, { on: atDeletion }));
      else if (withdrawn === "atAttempt") workload.push(podDeleted("major-1", atMs, { on: atAttempt }));
      const faults: Fault[] = [...inTrouble(drawn.trouble, setting, atMs + drawn.struckMs, drawn.troubleMs)];
      const when = { atMs, on: atDeletion };
      if (besides === "unanswered") faults.push(...unanswered(setting.cast, when, 2000));
      if (besides === "server")
        faults.push(
          ...setting.cast.apiServers.map((target): Fault => ({ kind: "kill", ...when, target, downMs: 300 })),
        );
      return { workload, faults };
    });
};

/** When a pod is taken up, and when a victim is to be deleted. */
const atAttempt = { process: LEADER, effect: "setTimer", detail: "attempt", nth: 1, edge: "after" } as const;
const atDeletion = { process: LEADER, effect: "send", detail: "apiCall delete pods", nth: 1, edge: "after" } as const;

function fillerScaled(atMs: number): ControlPlaneOperation {
  const named = { resource: "replicasets", namespace: "default", name: "filler" };
  return { kind: "scale", atMs, session: 3, ...named, replicas: 1 };
}

/** Pods that are held back, and let go one by one; some are deleted before. */
export const gatedPods: Maker = (setting) =>
  fc
    .record({
      atMs: beginning(setting, 8000),
      more,
      priority: fc.constantFrom<(Priority | null)[]>(null, "high"),
      liftMs: fc.integer({ min: 300, max: 5000 }),
      deleted: fc.boolean(),
      trouble,
      troubleMs: fc.integer({ min: 100, max: 3000 }),
    })
    .map(({ atMs, more: { pods, count, everyMs }, priority, liftMs, deleted, trouble, troubleMs }) => {
      const names = Array.from({ length: count }, (_, i) => `gated-${i + 1}`);
      const gates = { schedulingGates: [{ name: "example.com/quota" }] };
      const list = names.map((name) => pod(name, { ...pods, priority, app: "gated", friend: "w1" }, gates));
      const lift = (name: string, i: number): ControlPlaneOperation => ({
        kind: "patch",
        atMs: atMs + liftMs + i * 150,
        session: 3,
        resource: "pods",
        namespace: "default",
        name,
        type: "merge",
        patch: { spec: { schedulingGates: null } },
      });
      return {
        workload: [
          ...applied(list, atMs, { everyMs }),
          ...(deleted ? [podDeleted(names[0]!, atMs + liftMs - 50)] : []),
          ...names.map(lift),
        ],
        faults: inTrouble(trouble, setting, atMs + liftMs - 100, troubleMs),
      };
    });

/** A pod waits for another to be near, or to go from where it is; then that comes, goes, or is called something else. */
export const friendsComeAndGo: Maker = (setting) =>
  fc
    .record({
      atMs: beginning(setting, 10_000),
      pods: podPlan,
      wish: fc.constantFrom(
        "together" as const,
        "apartInZone" as const,
        "apart" as const,
        "hostPort" as const,
        "gpu" as const,
      ),
      count: fc.integer({ min: 1, max: 4 }),
      comesMs: fc.integer({ min: 500, max: 4000 }),
      goesMs: fc.integer({ min: 500, max: 4000 }),
      relabelled: fc.boolean(),
      trouble,
      troubleMs: fc.integer({ min: 100, max: 3000 }),
    })
    .map(({ atMs, pods, wish, count, comesMs, goesMs, relabelled, trouble, troubleMs }) => {
      const plan = { ...pods, cpu: "100m", priority: null };
      const waiting = Array.from({ length: count }, (_, i) =>
        pod(`waiting-${i + 1}`, { ...plan, wishes: [wish], app: "waiting", friend: "friend" }),
      );
      const wishes = wish === "hostPort" || wish === "gpu" ? [wish] : [];
      const friend = pod("friend", { ...plan, wishes, app: relabelled ? "stranger" : "friend", friend: "w1" });
      const named: ControlPlaneOperation = {
        kind: "label",
        atMs: atMs + comesMs,
        session: 1,
        resource: "pods",
        namespace: "default",
        name: "friend",
        values: { app: wish === "apartInZone" ? "nobody" : "friend" },
      };
      const isFirst = wish !== "together" || relabelled;
      return {
        workload: [
          ...applied([friend], isFirst ? atMs - 400 : atMs + comesMs, { session: 1 }),
          ...applied(waiting, atMs, { everyMs: 10 }),
          ...(relabelled ? [named] : []),
          podDeleted("friend", atMs + comesMs + goesMs),
        ],
        faults: inTrouble(trouble, setting, atMs + comesMs - 100, troubleMs),
      };
    });

/** Pods go, and the scheduler hears neither of that nor of those that come in their stead under their names. */
export const podsGoUnseen: Maker = (setting) =>
  fc
    .record({
      atMs: beginning(setting, 9000),
      more,
      again: fc.boolean(),
      unheardMs: fc.constantFrom(3000, 4500),
    })
    .map(({ atMs, more: { pods, count, everyMs }, again, unheardMs }) => {
      const plan = { ...pods, graceSeconds: 1, image: IMAGES.v1, app: "fleeting", friend: "w1" };
      const list = Array.from({ length: count }, (_, i) => pod(`fleeting-${i + 1}`, plan));
      return {
        workload: [
          ...applied(list, atMs - 2000, { everyMs }),
          ...list.map((_, i) => podDeleted(`fleeting-${i + 1}`, atMs + 100 + i)),
          ...(again ? applied(list.slice(0, 1), atMs + unheardMs - 300, { session: 1 }) : []),
        ],
        faults: losing(setting.cast, atMs, unheardMs),
      };
    });

/** Another scheduler takes over while there is much to do, and the old one may not have noticed. */
export const leadChanges: Maker = (setting) =>
  fc
    .record({
      atMs: beginning(setting, setting.leaseMs * 2),
      more,
      how: fc.constantFrom("kill" as const, "pause" as const, "partition" as const),
      lastsMs: fc.integer({ min: 500, max: 8000 }),
      beforeMs: fc.constantFrom(0, 50, 300),
    })
    .map(({ atMs, more: { pods, everyMs }, how, lastsMs, beforeMs }) => {
      const list = Array.from({ length: 6 }, (_, i) => pod(`rush-${i + 1}`, { ...pods, app: "rush", friend: "w1" }));
      return {
        workload: applied(list, atMs, { everyMs: everyMs + 20 }),
        faults: inTrouble(how, setting, atMs + beforeMs, lastsMs),
      };
    });
