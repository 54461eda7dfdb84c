import { expect, test } from "vitest";
import { ClusterDrill, objectOf, podOf } from "../cluster/testing.ts";
import { writesCease } from "./writes-cease.ts";

const node = (beat: string) =>
  objectOf("Node", "n", { spec: {}, status: { conditions: [{ lastHeartbeatTime: beat }] } });
const drill = () => new ClusterDrill(writesCease).put(podOf("a")).put(node("1"));

test("nothing is pending a while after the last write, whatever gives signs of life", () => {
  expect(drill().after(11).put(node("2")).put(objectOf("Lease", "l")).pending).toBeNull();
});

test("pending while somebody writes", () => {
  expect(
    drill()
      .after(11)
      .put(podOf("a", { phase: "Failed" }))
      .after(1).pending,
  ).toBe("pods default/a of Pod default/a was written 1000 ms ago, at revision 4");
});
