import { describe, expect, test } from "vitest";
import { ClusterDrill } from "../cluster/testing.ts";
import { nodeBlocksAreDisjoint } from "./node-blocks-are-disjoint.ts";
import { node } from "./testing.ts";

describe("blocks of nodes (S43)", () => {
  test("each has its own", () => {
    const run = new ClusterDrill(nodeBlocksAreDisjoint).put(node("a", "10.244.0.0/24")).put(node("b"));
    expect(run.put(node("b", "10.244.1.0/24")).violated).toBeNull();
    expect(run.remove(node("a")).put(node("c", "10.244.0.0/24")).violated).toBeNull();
  });

  test("two have one, or one lies in the other", () => {
    const run = () => new ClusterDrill(nodeBlocksAreDisjoint).put(node("a", "10.244.0.0/24"));
    expect(run().put(node("b", "10.244.0.0/24")).violated).toMatch(/nodes a .* and b .* overlap/);
    expect(run().put(node("b", "10.244.0.0/16")).violated).toMatch(/overlap/);
  });
});
