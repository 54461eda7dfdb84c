import { fc } from "../../../harness/fast-check.ts";
import type { Fault } from "../../../simulator/faults.ts";
import type { ControlPlaneOperation } from "../../control-plane/scenario.ts";
import { claim, INSTANT, MADE, mounting, pod, podPlan, ZONAL, zonalVolume } from "../workloads.ts";
import { applied, beginning, LEADER, lagging, type Maker, podDeleted } from "./setting.ts";

/**
 * Pods with claims that wait for them, more claims than volumes perhaps; somebody dies, or a node closes, between the choice
 * of a node and the binding. One claim may be deleted and made anew, so that another volume has to do.
 */
export const claimsWait: Maker = (setting) => {
  const { cast } = setting;
  return fc
    .record({
      atMs: beginning(setting, 12_000),
      count: fc.integer({ min: 1, max: 4 }),
      volumes: fc.integer({ min: 0, max: 4 }),
      zones: fc.integer({ min: 1, max: 3 }),
      storageClass: fc.constantFrom(ZONAL, ZONAL, MADE),
      pods: podPlan,
      detail: fc.constantFrom(
        "apiCall patch persistentvolumeclaims",
        "apiCall update persistentvolumes",
        "apiCall create pods/binding",
      ),
      nth: fc.integer({ min: 1, max: 2 }),
      trouble: fc.constantFrom(
        "none" as const,
        "scheduler" as const,
        "manager" as const,
        "node" as const,
        "claimGoes" as const,
        "server" as const,
        "volumeLag" as const,
      ),
      lastsMs: fc.constantFrom(100, 2000, 12_000),
      lateVolume: fc.boolean(),
    })
    .map(({ atMs, count, volumes, zones, storageClass, pods, detail, nth, trouble, lastsMs, lateVolume }) => {
      const on = { process: LEADER, effect: "send", detail, nth, edge: "after" } as const;
      const names = Array.from({ length: count }, (_, i) => `stored-${i + 1}`);
      const plan = { ...pods, cpu: "100m", app: "stored", friend: "w1", wishes: [] };
      const made = Array.from({ length: volumes }, (_, i) => zonalVolume(`spare-${i + 1}`, `zone-${(i % zones) + 1}`));
      const workload: ControlPlaneOperation[] = [
        ...applied(made, atMs - 300, { session: 1 }),
        ...applied(
          names.map((name) => claim(name, storageClass)),
          atMs - 200,
          { session: 1 },
        ),
        ...applied(
          names.map((name) => pod(name, plan, mounting(name))),
          atMs,
          { everyMs: 5 },
        ),
        ...(lateVolume ? applied([zonalVolume("late", "zone-1")], atMs + 5000) : []),
      ];
      const faults: Fault[] = [];
      switch (trouble) {
        case "none":
          break;
        case "scheduler":
          faults.push({ kind: "kill", atMs, on, target: "self", downMs: Math.min(lastsMs, 2000) });
          break;
        case "manager":
          faults.push({ kind: "kill", atMs, on, target: "managerLeader", downMs: lastsMs });
          break;
        case "node":
          for (const node of cast.nodes.slice(0, 2)) workload.push({ kind: "cordon", atMs, on, session: 0, node });
          break;
        case "claimGoes": {
          workload.push(podDeleted(names[0]!, atMs, { on }));
          const named = { resource: "persistentvolumeclaims", namespace: "default", name: names[0]! };
          workload.push({ kind: "delete", atMs: atMs + 1500, session: 3, ...named, wait: false });
          workload.push(...applied([claim(names[0]!, storageClass)], atMs + 4000));
          workload.push(...applied([pod(names[0]!, plan, mounting(names[0]!))], atMs + 4200));
          break;
        }
        case "server":
          faults.push(...cast.apiServers.map((target): Fault => ({ kind: "kill", atMs, on, target, downMs: 300 })));
          break;
        case "volumeLag":
          faults.push(...lagging(cast, atMs - 100, 3000, "persistentvolumes"));
          break;
      }
      return { workload, faults };
    });
};

/** Two pods want the only volume that is left, in two claims, at once. */
export const oneVolumeForTwo: Maker = (setting) =>
  fc
    .record({
      atMs: beginning(setting, 8000),
      everyMs: fc.constantFrom(0, 1, 10),
      pods: podPlan,
      wait: fc.boolean(),
      storageClass: fc.constantFrom(ZONAL, INSTANT),
    })
    .map(({ atMs, everyMs, pods, wait, storageClass }) => {
      const names = ["one", "two"];
      const plan = { ...pods, cpu: "100m", app: "pair", friend: "w1", wishes: [] };
      return {
        faults: wait ? lagging(setting.cast, atMs + 300, 2500, "persistentvolumes") : [],
        workload: [
          ...applied([zonalVolume("only", "zone-1", storageClass)], atMs, { session: 1 }),
          ...names.flatMap((name, i) => applied([claim(name, storageClass)], atMs + 200, { session: i + 1 })),
          ...names.flatMap((name, i) =>
            applied([pod(name, plan, mounting(name))], atMs + 600 + i * everyMs, { session: i + 1 }),
          ),
        ],
      };
    });
