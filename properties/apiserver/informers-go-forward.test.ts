import { expect, test } from "vitest";
import { emptyOrderedMap, mapSet } from "../../models/kernel/index.ts";
import { ClusterDrill, type Loose, podOf, withMeta } from "../cluster/testing.ts";
import { informersGoForward } from "./informers-go-forward.ts";

function informer(version: number, objects: Readonly<Record<string, number>>, more: Loose = {}): Loose {
  let map = emptyOrderedMap<Loose>();
  for (const [name, at] of Object.entries(objects))
    map = mapSet(map, `default/${name}`, withMeta(podOf(name), { resourceVersion: String(at) }));
  const spec = { resource: "pods", labelSelector: "", fieldSelector: "" };
  const resourceVersion = version === 0 ? "" : String(version);
  return { spec, phase: "watching", objects: map, synced: true, resourceVersion, ...more };
}

/** The store has had a at 2, b at 3, a changed at 4, b gone at 5; an informer goes from one state to another. */
function goes(from: Loose, to: Loose): string | null {
  const run = new ClusterDrill(informersGoForward);
  run
    .put(podOf("a"))
    .put(podOf("b"))
    .put(podOf("a", { phase: "Failed", node: "node-1" }))
    .remove(podOf("b"));
  run.step("scheduler-1", { api: { bootedAt: 0, informers: [from] } });
  return run.step("scheduler-1", { api: { bootedAt: 0, informers: [to] } }).violated;
}

const listing = informer(0, {}, { phase: "listing", synced: false });

test("holds for a cache that is what the store had at its version", () => {
  expect(goes(informer(3, { a: 2, b: 3 }), informer(4, { a: 4, b: 3 }))).toBeNull();
  expect(goes(informer(3, { a: 2, b: 3 }), informer(5, { a: 4 }))).toBeNull();
  expect(goes(listing, informer(3, { a: 2, b: 3 }))).toBeNull();
  const spec = { resource: "pods", labelSelector: "", fieldSelector: "spec.nodeName=node-1" };
  expect(goes({ ...listing, spec }, informer(5, { a: 4 }, { spec }))).toBeNull();
});

test("violated by a version that goes back, or is not there yet", () => {
  expect(goes(informer(4, { a: 4, b: 3 }), informer(3, { a: 2, b: 3 }))).toBe(
    "the informer of scheduler-1 for pods goes back from version 4 to 3",
  );
  expect(goes(listing, informer(6, { a: 4 }))).toMatch(/which the store has not got/);
});

test("violated by a change that was left out, made up, or missed by a list", () => {
  expect(goes(informer(4, { a: 4, b: 3 }), informer(5, { a: 4, b: 3 }))).toBe(
    "the informer of scheduler-1 for pods, at version 5, has default/b of version 3, where the store had none",
  );
  expect(goes(informer(3, { a: 2, b: 3 }), informer(3, { a: 2 }))).toMatch(
    /has no default\/b, where the store had version 3/,
  );
  expect(goes(listing, informer(3, { a: 2 }))).toMatch(/has no default\/b/);
});
