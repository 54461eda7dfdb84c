import { expect, test } from "vitest";
import { ClusterDrill, objectOf } from "../cluster/testing.ts";
import { observedGenerationNotAhead } from "./observed-generation-not-ahead.ts";

const web = (generation: number, observedGeneration: number) =>
  objectOf("ReplicaSet", "web", { metadata: { generation }, status: { observedGeneration } });
const drill = () => new ClusterDrill(observedGenerationNotAhead);

test("holds while it follows, and is violated when it is ahead", () => {
  expect(drill().put(web(2, 1)).put(web(2, 2)).violated).toBeNull();
  expect(drill().put(web(2, 3)).violated).toBe(
    "the status of replicasets default/web is of generation 3, and it has 2",
  );
});
