import { describe, expect, test } from "vitest";
import { mapSet, orderedMapFrom } from "../../models/kernel/index.ts";
import { ClusterDrill, type Loose } from "../cluster/testing.ts";
import { nothingIsLeaked } from "./nothing-is-leaked.ts";
import { node, PROCESSES, service } from "./testing.ts";

describe("nothing is leaked (L15)", () => {
  const range = (data: string) => ({
    apiVersion: "v1",
    kind: "RangeAllocation",
    metadata: { name: "serviceips" },
    range: "x",
    data,
  });
  const withRange = (run: ClusterDrill, data: string): ClusterDrill => {
    const member = run.process("m1").state as Loose;
    const { application } = member.raft;
    const keys = mapSet(application.keys, "/registry/ranges/serviceips", [
      { value: JSON.stringify(range(data)), version: 1 },
    ]);
    return run.step("m1", {
      raft: { ...member.raft, application: { ...application, revision: application.revision + 1, keys } },
    });
  };
  const managed = (run: ClusterDrill, state: Loose): ClusterDrill =>
    run.step("controller-manager-1", { phase: "leading", slots: [{ name: "node-ipam", started: true, state }] });
  const drill = () => new ClusterDrill(nothingIsLeaked, PROCESSES).put(service("web"));

  test("as many are marked as are held", () => {
    expect(withRange(drill(), "Ag==").pending).toBeNull();
    expect(withRange(drill(), "Bg==").pending).toBe("serviceips: 2 are marked, and services hold 1");
    expect(drill().pending, "there are no ranges").toBeNull();
  });

  test("blocks of nodes that are gone, and of those that have none", () => {
    const none = { reserved: orderedMapFrom([]), known: orderedMapFrom([]) };
    expect(managed(drill(), none).pending).toBeNull();
    expect(managed(drill(), { ...none, reserved: orderedMapFrom([["a", "10.244.0.0/24"]]) }).pending).toMatch(
      /reserved for node a/,
    );
    const known = orderedMapFrom([["a", { uid: "", blocks: ["10.244.0.0/24"] }]]);
    expect(managed(drill(), { ...none, known }).pending).toMatch(/occupied for node a, which is gone/);
    expect(managed(drill().put(node("a")), { ...none, known }).pending).toBe("node a has no block");
  });
});
