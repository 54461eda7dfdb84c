import { expect, test } from "vitest";
import { emptyOrderedMap, mapSet } from "../../models/kernel/index.ts";
import { ClusterDrill, type Loose, podOf, withMeta } from "../cluster/testing.ts";
import { informersCatchUp } from "./informers-catch-up.ts";

function drill(names: readonly string[], more: Loose = {}): ClusterDrill {
  let objects = emptyOrderedMap<Loose>();
  for (const name of names)
    objects = mapSet(objects, `default/${name}`, withMeta(podOf(name), { resourceVersion: "2" }));
  const spec = { resource: "pods", labelSelector: "", fieldSelector: "" };
  const informer = { spec, phase: "watching", objects, synced: true, resourceVersion: "2", ...more };
  return new ClusterDrill(informersCatchUp)
    .put(podOf("a"))
    .step("scheduler-1", { api: { bootedAt: 0, informers: [informer] } });
}

test("nothing is pending when all have what is there, or what is new is on its way", () => {
  expect(drill(["a"]).after(60).pending).toBeNull();
  expect(drill([]).after(1).pending).toBeNull();
  expect(drill([], { phase: "idle", synced: false }).after(60).pending).toBeNull();
});

test("pending while one has not", () => {
  expect(drill([]).after(60).pending).toBe(
    "the informer of scheduler-1 for pods, watching at version 2, does not have default/a as the store does",
  );
  expect(drill(["a"]).remove(podOf("a")).after(60).pending).toMatch(/default\/a as the store/);
  expect(drill(["a"], { phase: "listing", failures: 7 }).pending).toMatch(/has failed to list and watch 7 times/);
  expect(drill([], { phase: "listing", synced: false }).pending).toMatch(/has not completed its first list/);
});
