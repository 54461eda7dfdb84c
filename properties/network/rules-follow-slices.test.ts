import { describe, expect, test } from "vitest";
import { ClusterDrill } from "../cluster/testing.ts";
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

  test("pending while they differ", () => {
    const run = drill().put(slice(["10.0.0.1", "ready"]));
    expect(synced(run, []).pending).toBe("proxy-1: it has rules of 0 of 1 ports of default/web");
    expect(synced(run, [rule(["10.0.0.2"])]).pending).toMatch(/goes to 10.0.0.2, and should to 10.0.0.1/);
  });
});
