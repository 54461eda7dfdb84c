import { expect, test } from "vitest";
import { emptyOrderedMap, mapSet, type OrderedMap } from "../../models/kernel/index.ts";
import { ClusterDrill, type Loose, podOf } from "../cluster/testing.ts";
import { evictionTakesTheFirst } from "./eviction-takes-the-first.ts";

interface Eater {
  readonly name: string;
  readonly asked: string;
  readonly usedMi: number;
  readonly priority?: number;
  readonly phase?: string;
}

function worker({ name, asked, priority = 0, phase = "sync" }: Eater, evicted: boolean): Loose {
  const spec = { priority, containers: [{ name: "main", resources: { requests: { memory: asked } } }] };
  const cause = evicted || phase === "terminating" ? "evicted" : null;
  return {
    uid: `Pod-${name}`,
    namespace: "default",
    name,
    source: "api",
    pod: podOf(name, { spec }),
    phase: evicted ? "terminating" : phase,
    cause,
  };
}

/** A kubelet evicts pods of these. */
function evicts(eaters: readonly Eater[], ...victims: readonly string[]): string | null {
  let workers: OrderedMap<Loose> = emptyOrderedMap();
  let after = workers;
  let pods: OrderedMap<Loose> = emptyOrderedMap();
  for (const eater of eaters) {
    const uid = `Pod-${eater.name}`;
    workers = mapSet(workers, uid, worker(eater, false));
    after = mapSet(after, uid, worker(eater, victims.includes(eater.name)));
    pods = mapSet(pods, uid, { containers: [{ memoryBytes: eater.usedMi * 1024 * 1024 }] });
  }
  const run = new ClusterDrill(evictionTakesTheFirst).step("kubelet-1", { workers, runtime: { pods } });
  return run.step("kubelet-1", { workers: after }).violated;
}

const modest = { name: "modest", asked: "2Gi", usedMi: 1900 };
const greedy = { name: "greedy", asked: "64Mi", usedMi: 500 };
const greedier = { name: "greedier", asked: "64Mi", usedMi: 600 };
const important = { name: "important", asked: "64Mi", usedMi: 900, priority: 1000 };

test("who asked for less than it uses goes first, then the lower priority, then who is furthest above", () => {
  expect(evicts([modest, greedy], "greedy")).toBeNull();
  expect(evicts([modest, important], "important")).toBeNull();
  expect(evicts([greedy, greedier, important], "greedier")).toBeNull();
  expect(evicts([modest, greedy], "modest")).toBe("kubelet-1 evicts pod default/modest before pod default/greedy");
  expect(evicts([greedy, important], "important")).toMatch(/before pod default\/greedy/);
  expect(evicts([greedy, greedier], "greedy")).toMatch(/before pod default\/greedier/);
});

test("critical pods are left alone, and so is what is being ended anyway", () => {
  expect(evicts([greedy, { ...greedier, priority: 2_000_000_000 }], "greedy")).toBeNull();
});

test("one is ended at a time", () => {
  expect(evicts([greedy, greedier], "greedy", "greedier")).toMatch(/is being evicted$/);
  expect(evicts([greedy, { ...greedier, phase: "terminating" }], "greedy")).toBe(
    "kubelet-1 evicts pod default/greedy while pod default/greedier is being evicted",
  );
});
