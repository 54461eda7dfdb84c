import { describe, expect, test } from "vitest";
import type { Node, Pod, PodPhase } from "../../machinery/kinds/index.ts";
import { withMeta } from "../../machinery/meta.ts";
import { Drill } from "../testing/drill.ts";
import { node } from "../testing/objects.ts";
import { type PodGcConfig, podGc } from "./index.ts";

const SECOND = 1_000_000;
const pod = (name: string, nodeName: string, phase: PodPhase = "Running"): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default" },
  spec: { containers: [], ...(nodeName === "" ? {} : { nodeName }) },
  status: { phase },
});

function drill(config: Partial<PodGcConfig>, ...objects: readonly (Pod | Node)[]) {
  const made = new Drill(podGc, config);
  for (const object of objects) made.api.put(object);
  made.deliver();
  made.start();
  made.settle();
  return made;
}
function pass(d: ReturnType<typeof drill>, seconds: number): void {
  for (let i = 0; i < seconds / 20; i++) {
    d.advance(20 * SECOND);
    d.settle();
  }
}
const names = (d: ReturnType<typeof drill>) => d.api.list("pods").map(({ metadata }) => metadata.name);

describe("pod garbage collector", () => {
  test("pods of a node that is gone go after the quarantine, Failed first", () => {
    const d = drill({}, node("one"), pod("a", "one"), pod("b", "two"));
    pass(d, 20);
    expect(names(d)).toEqual(["a", "b"]);
    pass(d, 20);
    expect(names(d)).toEqual(["a"]);
    const fail = d.requests.find(({ verb }) => verb === "patch");
    expect(fail).toMatchObject({
      patch: { status: { phase: "Failed", conditions: [{ type: "DisruptionTarget", reason: "DeletionByPodGC" }] } },
    });
    expect(d.requests.at(-1)).toMatchObject({ verb: "delete", options: { gracePeriodSeconds: 0 } });
  });

  test("a node that only the cache lacks keeps its pods", () => {
    const d = drill({}, pod("a", "one"));
    d.api.put(node("one"));
    d.deliver = () => {};
    pass(d, 80);
    expect(names(d)).toEqual(["a"]);
  });

  test("the oldest of too many terminated pods go", () => {
    const old = (name: string, second: number, phase: PodPhase) =>
      withMeta(pod(name, "one", phase), { creationTimestamp: `2026-01-01T00:00:0${second}Z` });
    const d = drill(
      { terminatedThreshold: 1 },
      node("one"),
      old("a", 3, "Succeeded"),
      old("b", 1, "Failed"),
      old("c", 2, "Succeeded"),
      pod("d", "one"),
    );
    expect(names(d)).toEqual(["a", "d"]);
  });

  test("one that was never bound and is being deleted goes", () => {
    const d = drill(
      {},
      withMeta(pod("a", "", "Pending"), { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: [] }),
      pod("b", "", "Pending"),
    );
    expect(names(d)).toEqual(["b"]);
  });

  test("pods that terminate on a node that is out of service go", () => {
    const tainted = {
      ...node("one"),
      spec: { taints: [{ key: "node.kubernetes.io/out-of-service", effect: "NoExecute" as const }] },
    };
    const d = drill(
      {},
      tainted,
      withMeta(pod("a", "one"), { deletionTimestamp: "2026-01-01T00:00:00Z" }),
      pod("b", "one"),
    );
    expect(names(d)).toEqual(["b"]);
  });
});
