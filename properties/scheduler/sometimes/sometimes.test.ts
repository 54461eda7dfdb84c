import { expect, test } from "vitest";
import { SCHEDULER_NOTES } from "../../../models/scheduler/index.ts";
import { ClusterDrill, objectOf } from "../../cluster/testing.ts";
import { pendingPod } from "../testing.ts";
import { schedulerSituations } from "./index.ts";

function drill(name: string): ClusterDrill {
  return new ClusterDrill(schedulerSituations.find(({ id }) => id === `scheduler/sometimes/${name}`)!);
}
const nominated = { status: { nominatedNodeName: "n1" } };
const said = (message: string) => ({ status: { conditions: [{ type: "PodScheduled", status: "False", message }] } });

test("what shows in pods", () => {
  const reached = (name: string, ...pods: readonly (readonly [object, object | null])[]) =>
    pods.map(([before, after]) => {
      const run = drill(name).put(before);
      return (after === null ? run.remove(before) : run.put(after)).reached;
    });
  const a = pendingPod("a", nominated);
  expect(reached("nominated", [pendingPod("a"), a], [pendingPod("a"), pendingPod("a")])).toEqual([true, false]);
  const there = (node: string) => pendingPod("a", { ...nominated, node });
  expect(reached("bound-where-nominated", [a, there("n1")], [a, there("n2")])).toEqual([true, false]);
  expect(reached("bound-elsewhere-than-nominated", [a, there("n1")], [a, there("n2")])).toEqual([false, true]);
  expect(reached("nomination-let-go", [a, pendingPod("a")], [a, there("n1")])).toEqual([true, false]);
  expect(reached("preemptor-deleted", [a, null], [there("n1"), null])).toEqual([true, false]);
  const gated = pendingPod("a", { spec: { schedulingGates: [{ name: "g" }] } });
  expect(reached("gate-lifted", [gated, pendingPod("a")], [gated, null])).toEqual([true, false]);
  const refused = pendingPod("a", said("0/1 nodes are available: 1 Insufficient cpu."));
  expect(reached("refused-for-room", [pendingPod("a"), refused])).toEqual([true]);
  expect(reached("refused-for-taint", [pendingPod("a"), refused])).toEqual([false]);
  expect(reached("bound-after-it-had-not-fitted", [refused, there("n1")], [a, there("n1")])).toEqual([true, false]);
});

test("a node that comes back, a claim that is promised, a lease that changes hands", () => {
  const node = objectOf("Node", "n1");
  expect(drill("node-came-back").put(node).put(node).reached).toBe(false);
  expect(drill("node-came-back").put(node).remove(node).put(node).reached).toBe(true);
  const claim = objectOf("PersistentVolumeClaim", "c");
  const annotations = { "volume.kubernetes.io/selected-node": "n1" };
  const promised = objectOf("PersistentVolumeClaim", "c", { metadata: { annotations } });
  expect(drill("claim-promised-to-a-node").put(claim).reached).toBe(false);
  expect(drill("claim-promised-to-a-node").put(promised).reached).toBe(true);
  const lease = (holderIdentity: string) =>
    objectOf("Lease", "kube-scheduler", { metadata: { namespace: "kube-system" }, spec: { holderIdentity } });
  expect(drill("another-took-over").put(lease("a")).put(lease("a")).reached).toBe(false);
  expect(drill("another-took-over").put(lease("a")).put(lease("b")).reached).toBe(true);
});

test("a binding that is refused", () => {
  const answered = (code: number) => {
    const run = drill("binding-refused");
    const named = { namespace: "default", name: "a" };
    const id = run.call("scheduler-1", { verb: "create", resource: "pods", subresource: "binding", ...named });
    return run.answer(id, { kind: "status", status: { code } } as never).reached;
  };
  expect(answered(409)).toBe(true);
  expect(answered(201)).toBe(false);
});

test("what is noted is noted under that name", () => {
  const watched = schedulerSituations.flatMap((property) => {
    const monitor = property.monitor({ processes: [], reach() {} } as never);
    return (monitor.concerns?.notes ?? []).map((note) => [property, note] as const);
  });
  expect(watched.length).toBeGreaterThanOrEqual(10);
  for (const [property, note] of watched) {
    expect(SCHEDULER_NOTES, property.id).toContain(note);
    expect(new ClusterDrill(property).note("scheduler-1", note).reached).toBe(true);
  }
});
