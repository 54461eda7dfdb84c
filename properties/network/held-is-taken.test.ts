import { expect, test } from "vitest";
import { ClusterDrill } from "../cluster/testing.ts";
import { heldIsTaken } from "./held-is-taken.ts";
import { isMarked, markedIn } from "./ranges.ts";
import { PROCESSES, service } from "./testing.ts";

const range = (data: string, of = "10.96.0.0/24") => JSON.stringify({ range: of, data });
const drill = (data: string) =>
  new ClusterDrill(heldIsTaken, PROCESSES).write("/registry/ranges/serviceips", range(data));

test("a bitmap is read from its end", () => {
  // 0x0101: the places 0 and 8.
  const marked = markedIn(range("AQE="));
  expect([...marked.places].sort()).toEqual([0, 8]);
  expect([isMarked(marked, "10.96.0.9"), isMarked(marked, "10.96.0.2"), isMarked(marked, "10.97.0.9")]).toEqual([
    true,
    false,
    null,
  ]);
  const ports = markedIn(range("Ag==", "30000-32767"));
  expect([isMarked(ports, "30001"), isMarked(ports, "30000"), isMarked(ports, "80")]).toEqual([true, false, null]);
});

test("holds while what a service has is marked", () => {
  const run = drill("AQE=").put(service("web"));
  expect(run.write("/registry/ranges/serviceips", range("AQA=")).violated).toBeNull();
  run.remove(service("web"));
  expect(run.write("/registry/ranges/serviceips", range("")).violated).toBeNull();
});

test("violated by a range that forgets it, and by a service that has what is free", () => {
  const run = drill("AQE=").put(service("web"));
  expect(run.write("/registry/ranges/serviceips", range("AQ==")).violated).toBe(
    "a range was written: service default/web holds 10.96.0.9, which is free by the range serviceips",
  );
  expect(drill("AQ==").put(service("web")).violated).toMatch(/^a service was written: service default\/web holds/);
});
