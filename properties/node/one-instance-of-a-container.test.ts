import { expect, test } from "vitest";
import { ClusterDrill } from "../cluster/testing.ts";
import { oneInstanceOfAContainer } from "./one-instance-of-a-container.ts";
import { containerOf, runs } from "./testing.ts";

const drill = () => runs(new ClusterDrill(oneInstanceOfAContainer), "runtime-1", containerOf("a"));
const again = containerOf("a", { attempt: 1 });

test("holds for another container, and when the one before is dead or its host down", () => {
  expect(runs(drill(), "runtime-1", containerOf("a"), containerOf("a", { container: "log" })).violated).toBeNull();
  expect(runs(drill(), "runtime-1", containerOf("a", { state: "exited" }), again).violated).toBeNull();
  expect(runs(drill().crash("runtime-1").crash("kubelet-1"), "runtime-2", again).violated).toBeNull();
});

test("violated by a second one, on the same node or another, while the daemon is down too", () => {
  expect(runs(drill(), "runtime-1", containerOf("a"), again).violated).toBe(
    "container main of pod default/a runs twice: Pod-a-main-0 at runtime-1, and now Pod-a-main-1 at runtime-1",
  );
  expect(runs(drill().crash("runtime-1"), "runtime-2", again).violated).toMatch(/and now Pod-a-main-1 at runtime-2/);
});
