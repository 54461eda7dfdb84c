import { describe, expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf } from "../cluster/testing.ts";
import { rulesFollowSlices } from "./rules-follow-slices.ts";
import { PROCESSES, rule, service, slice, synced } from "./testing.ts";

describe("rules follow slices (L10)", () => {
  const drill = () => new ClusterDrill(rulesFollowSlices, PROCESSES).put(service("web"));

  test("ready ones, or those that leave; nothing of what is gone", () => {
    const run = drill().put(slice(["10.0.0.1", "ready"], ["10.0.0.2", "leaving"]));
    expect(synced(run, [rule(["10.0.0.1"])]).pending).toBeNull();
    expect(synced(run.put(slice(["10.0.0.2", "leaving"])), [rule(["10.0.0.2"])]).pending).toBeNull();
    expect(run.remove(service("web")).pending).toMatch(/rules of default\/web, which is gone/);
  });

  test("near ones, where all say for whom they are", () => {
    const zone = { "topology.kubernetes.io/zone": "a" };
    const hinted = (...hints: readonly (Loose | undefined)[]) => {
      const both = slice(["10.0.0.1", "ready"], ["10.0.0.2", "ready"]);
      const endpoints = both.endpoints.map((one: Loose, i: number) => ({ ...one, hints: hints[i] }));
      return drill()
        .put(objectOf("Node", "node-1", { metadata: { labels: zone } }))
        .put({ ...both, endpoints });
    };
    const zones = (name: string) => ({ forZones: [{ name }] });
    const node = (name: string, inZone: string) => ({ ...zones(inZone), forNodes: [{ name }] });
    const first = [rule(["10.0.0.1"])];
    const all = [rule(["10.0.0.1", "10.0.0.2"])];
    expect(synced(hinted(zones("a"), zones("b")), first).pending).toBeNull();
    expect(synced(hinted(zones("a"), zones("b")), all).pending).toMatch(/should to 10.0.0.1$/);
    expect(synced(hinted(node("node-1", "a"), node("node-2", "a")), first).pending).toBeNull();
    expect(synced(hinted(zones("a"), undefined), all).pending, "one is for nobody").toBeNull();
    expect(synced(hinted(zones("b"), zones("b")), all).pending, "none is for here").toBeNull();
  });

  test("pending while they differ", () => {
    const run = drill().put(slice(["10.0.0.1", "ready"]));
    expect(synced(run, []).pending).toBe("proxy-1: it has rules of 0 of 1 ports of default/web");
    expect(synced(run, [rule(["10.0.0.2"])]).pending).toMatch(/goes to 10.0.0.2, and should to 10.0.0.1/);
  });
});
