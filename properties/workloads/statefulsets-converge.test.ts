import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf, podOf } from "../cluster/testing.ts";
import { statefulSetsConverge } from "./statefulsets-converge.ts";

const set = (more: Loose = {}) =>
  objectOf("StatefulSet", "db", {
    spec: {
      replicas: 2,
      template: { spec: { containers: [] } },
      volumeClaimTemplates: [{ metadata: { name: "data" } }],
      ...more,
    },
    status: { observedGeneration: 1, replicas: 2, readyReplicas: 2, updateRevision: "r2" },
  });
const pod = (ordinal: number, { revision = "r2", ...more }: Loose = {}) =>
  podOf(`db-${ordinal}`, { owner: set(), node: "node-1", labels: { "controller-revision-hash": revision }, ...more });
const claim = (ordinal: number) => objectOf("PersistentVolumeClaim", `data-db-${ordinal}`);
const drill = () =>
  new ClusterDrill(statefulSetsConverge).put(set()).put(pod(0)).put(pod(1)).put(claim(0)).put(claim(1));

test("nothing is pending when all ordinals are ready, with their claims, at the revision wanted", () => {
  expect(drill().pending).toBeNull();
  const partition = { updateStrategy: { rollingUpdate: { partition: 1 } } };
  expect(
    drill()
      .put(set(partition))
      .put(pod(0, { revision: "r1" })).pending,
  ).toBeNull();
});

test("pending while one is missing, too much, not ready, or of another revision", () => {
  expect(drill().remove(pod(1)).pending).toBe("StatefulSet default/db has no pod db-1");
  expect(drill().put(pod(2)).pending).toBe("StatefulSet default/db wants 2 pods, and default/db-2 is there");
  expect(drill().put(pod(1, { phase: "Pending" })).pending).toMatch(/is not complete: pod default\/db-1 is Pending/);
  expect(drill().put(pod(0, { revision: "r1" })).pending).toMatch(/at revision r1, where r2 is wanted/);
  expect(drill().remove(claim(1)).pending).toBe("StatefulSet default/db has no claim default/data-db-1");
});
