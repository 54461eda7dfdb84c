import { expect, test } from "vitest";
import { ClusterDrill, objectOf } from "../cluster/testing.ts";
import { oneActingLeader } from "./one-acting-leader.ts";

const lease = (holderIdentity: string) =>
  objectOf("Lease", "kube-controller-manager", { metadata: { namespace: "kube-system" }, spec: { holderIdentity } });
const writes = (run: ClusterDrill, id: string, resource = "pods") => {
  run.call(id, {
    verb: "create",
    resource,
    namespace: "default",
    name: "",
    subresource: "",
    object: objectOf("Pod", "a"),
  });
  return run;
};
function drill(): ClusterDrill {
  const run = new ClusterDrill(oneActingLeader);
  for (const id of ["controller-manager-1", "controller-manager-2"]) {
    const process = run.process(id);
    process.config = {
      ...process.config,
      election: { namespace: "kube-system", name: "kube-controller-manager" },
    } as never;
    run.step(id, { election: { identity: `${id}_x` } });
  }
  return run.put(lease("controller-manager-1_x"));
}

test("holds for the holder, for who tries for the lease, and where there is none", () => {
  expect(writes(drill(), "controller-manager-1").violated).toBeNull();
  expect(writes(drill(), "controller-manager-2", "leases").violated).toBeNull();
  expect(writes(drill().remove(lease("")), "controller-manager-2").violated).toBeNull();
  expect(writes(drill(), "kubectl").violated).toBeNull();
});

test("violated by who writes after another took over, but for one that was paused", () => {
  const over = () => drill().put(lease("controller-manager-2_x"));
  expect(writes(over(), "controller-manager-1").violated).toBe(
    "controller-manager-1 sends a create of pods, and controller-manager-2_x holds the lease kube-system/kube-controller-manager",
  );
  expect(writes(over().fault("pause"), "controller-manager-1").violated).toBeNull();
});
