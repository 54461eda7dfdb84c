import { fc } from "../../../harness/fast-check.ts";
import type { Fault } from "../../../simulator/faults.ts";
import type { ControlPlaneOperation } from "../../control-plane/scenario.ts";
import { DEDICATED, DISK } from "../nodes.ts";
import { pod, podPlan } from "../workloads.ts";
import {
  applied,
  beginning,
  inTrouble,
  LEADER,
  lagging,
  losing,
  type Maker,
  naming,
  trouble,
  unanswered,
  workloadOf,
} from "./setting.ts";

/**
 * A node is deleted, and comes back when its kubelet starts anew: with other labels, or none of its taints. What the scheduler
 * hears of it may come late, or not at all.
 */
export const nodeReplaced: Maker = (setting) => {
  const { cast } = setting;
  return fc
    .record({
      atMs: beginning(setting, 12_000),
      index: fc.integer({ min: 0, max: cast.nodes.length - 1 }),
      backMs: fc.constantFrom(50, 500, 3000, 8000),
      unheard: fc.constantFrom("none" as const, "lag" as const, "loss" as const, "loss" as const),
      unheardMs: fc.constantFrom(500, 2000, 5000),
      burst: fc.integer({ min: 0, max: 3 }),
      plan: podPlan,
    })
    .map(({ atMs, index, backMs, unheard, unheardMs, burst, plan }) => {
      const name = cast.nodes[index]!;
      const pods = Array.from({ length: burst }, (_, i) =>
        pod(`late-${i + 1}`, { ...plan, app: "late", friend: "w1" }),
      );
      const workload: ControlPlaneOperation[] = [
        { kind: "delete", atMs, session: 1, resource: "nodes", namespace: "", name, wait: false },
        ...applied(pods, atMs + 400, { everyMs: 100 }),
        {
          kind: "label",
          atMs: atMs + backMs + 1500,
          session: 3,
          resource: "nodes",
          namespace: "",
          name,
          values: { [DISK]: "ssd" },
        },
      ];
      const faults: Fault[] = [{ kind: "kill", atMs: atMs + 20, target: cast.kubelets[index]!, downMs: backMs }];
      if (unheard === "lag") faults.push(...lagging(cast, atMs - 10, unheardMs, "nodes"));
      if (unheard === "loss") faults.push(...losing(cast, atMs - 10, unheardMs));
      return { workload, faults };
    });
};

/** No node will do for a while: then one is opened, at about the time at which the pods are tried. */
export const nodesClosed: Maker = (setting) => {
  const { cast } = setting;
  const workload = workloadOf(setting, "Deployment", "ReplicaSet", "StatefulSet");
  return fc
    .record({
      atMs: beginning(setting, 12_000),
      how: fc.constantFrom("cordon" as const, "taint" as const, "label" as const),
      plan: workload ?? fc.constant(null),
      pods: podPlan,
      replicas: fc.integer({ min: 2, max: 6 }),
      closedMs: fc.integer({ min: 800, max: 7000 }),
      trouble,
      troubleMs: fc.integer({ min: 200, max: 4000 }),
    })
    .map(({ atMs, how, plan, pods, replicas, closedMs, trouble, troubleMs }) => {
      const close = cast.nodes.map((node, i) => closing(how, node, atMs + i));
      const open = cast.nodes.map((node, i) => opening(how, node, atMs + closedMs + i * 700));
      const wishes = how === "label" ? (["disk"] as const) : [];
      const added = applied([pod("stray", { ...pods, app: "stray", friend: "w1", wishes })], atMs + 200);
      const scaled: ControlPlaneOperation[] =
        plan === null ? [] : [{ kind: "scale", atMs: atMs + 300, session: 2, ...naming(plan), replicas }];
      return {
        workload: [...close, ...added, ...scaled, ...open],
        faults: inTrouble(trouble, setting, atMs + closedMs - 100, troubleMs),
      };
    });
};

function closing(how: "cordon" | "taint" | "label", node: string, atMs: number): ControlPlaneOperation {
  switch (how) {
    case "cordon":
      return { kind: "cordon", atMs, session: 0, node };
    case "taint":
      return { kind: "taint", atMs, session: 0, node, key: DEDICATED, value: "", effect: "NoSchedule", remove: false };
    case "label":
      return withDisk("hdd", node, atMs);
  }
}

function withDisk(disk: string, node: string, atMs: number): ControlPlaneOperation {
  const of = { resource: "nodes", namespace: "", name: node } as const;
  return { kind: "label", atMs, session: 0, ...of, values: { [DISK]: disk } };
}

function opening(how: "cordon" | "taint" | "label", node: string, atMs: number): ControlPlaneOperation {
  switch (how) {
    case "cordon":
      return { kind: "uncordon", atMs, session: 0, node };
    case "taint":
      return { ...closing(how, node, atMs), remove: true } as ControlPlaneOperation;
    case "label":
      return withDisk("ssd", node, atMs);
  }
}

/** A node is opened just as a pod that waits for it is being tried, or bound. */
export const openedInMidAttempt: Maker = (setting) => {
  const { cast } = setting;
  return fc
    .record({
      atMs: beginning(setting, 10_000),
      pods: podPlan,
      detail: fc.constantFrom("apiCall patch pods/status", "apiCall create pods/binding", "apiCall delete pods"),
      node: fc.constantFrom(...cast.nodes),
      nth: fc.integer({ min: 1, max: 3 }),
      isUnanswered: fc.boolean(),
    })
    .map(({ atMs, pods, detail, node, nth, isUnanswered }) => {
      const on = { process: LEADER, effect: "send", detail, nth, edge: "after" } as const;
      const close = cast.nodes.map((name): ControlPlaneOperation => closing("cordon", name, atMs));
      const workload: ControlPlaneOperation[] = [
        ...close.map((one) => ({ ...one, session: 0 }) as ControlPlaneOperation),
        ...applied([pod("opened", { ...pods, app: "opened", friend: "w1", wishes: [] })], atMs + 300),
        { kind: "uncordon", atMs: atMs + 200, on, session: 1, node },
        ...cast.nodes.map((name): ControlPlaneOperation => opening("cordon", name, atMs + 9000)),
      ];
      const faults = isUnanswered ? unanswered(cast, { atMs: atMs + 200, on }, 2000) : [];
      return { workload, faults };
    });
};
