import { expect, test } from "vitest";
import { ClusterDrill, type Loose, podOf, withMeta } from "../../cluster/testing.ts";
import { apiServerSituations } from "./index.ts";

type Way = (drill: ClusterDrill) => unknown;

const ends = (run: ClusterDrill, code: number) =>
  run.send("api-1", "kubelet-1", { kind: "apiWatchEnd", watchId: "w", sequence: 0, status: { code } } as Loose);
const lists = (run: ClusterDrill, version: string) =>
  run.send("api-1", "kubelet-1", {
    kind: "apiAnswer",
    id: "l",
    response: { kind: "list", items: [podOf("a")], resourceVersion: version, continue: "", remainingItemCount: 0 },
  });
const fails = (run: ClusterDrill, request: Loose, reason: string, code = 409) => {
  const id = run.call("kubectl", { resource: "pods", namespace: "default", name: "a", ...request });
  return run.answer(id, {
    kind: "status",
    status: { kind: "Status", apiVersion: "v1", status: "Failure", message: "", reason, code } as Loose,
  });
};
const create = {
  verb: "create",
  resource: "pods",
  namespace: "default",
  name: "",
  subresource: "",
  object: podOf("a"),
};

/** By situation: what almost leads there, and what does. */
const WAYS: Readonly<Record<string, readonly [not: Way, reached: Way]>> = {
  "watch-too-old": [(run) => ends(run, 504), (run) => ends(run, 410)],
  "stale-list-served": [
    (run) => lists(run.put(podOf("a")), "2"),
    (run) => lists(run.put(podOf("a")).put(podOf("b")), "2"),
  ],
  "conflict-answered": [
    (run) => fails(run, { verb: "update", object: podOf("a") }, "AlreadyExists"),
    (run) => fails(run, { verb: "update", object: podOf("a") }, "Conflict"),
  ],
  "uid-precondition-failed": [
    (run) => fails(run, { verb: "delete", options: {} }, "Conflict"),
    (run) => fails(run, { verb: "delete", options: { preconditions: { uid: "x" } } }, "Conflict"),
  ],
  "write-done-and-answer-lost": [
    (run) => [run.call("kubectl", create), run.call("kubectl", create)],
    (run) => [run.call("kubectl", create), run.put(podOf("a")), run.call("kubectl", create)],
  ],
  "finalizer-held-deletion": [
    (run) => run.put(podOf("a")).put(podOf("a", { deleting: true })),
    (run) => run.put(podOf("a")).put(podOf("a", { deleting: true, metadata: { finalizers: ["x"] } })),
  ],
  "name-came-back": [
    (run) => run.put(podOf("a")).put(withMeta(podOf("a"), { labels: {} })),
    (run) =>
      run
        .put(podOf("a"))
        .remove(podOf("a"))
        .put(podOf("a", { uid: "x" })),
  ],
};

for (const property of apiServerSituations)
  test(`${property.id} is reached, and not before`, () => {
    const [not, reached] = WAYS[property.id.replace("apiserver/sometimes/", "")]!;
    const almost = new ClusterDrill(property);
    not(almost);
    expect(almost.reached).toBe(false);
    const drill = new ClusterDrill(property);
    reached(drill);
    expect(drill.reached).toBe(true);
  });
