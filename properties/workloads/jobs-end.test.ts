import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf, ownedBy } from "../cluster/testing.ts";
import { jobsEnd } from "./jobs-end.ts";

const job = (image: string, status: Loose = {}, spec: Loose = {}) =>
  objectOf("Job", "sum", {
    spec: { completions: 2, template: { spec: { containers: [{ image }] } }, ...spec },
    status,
  });

function drill(): ClusterDrill {
  const run = new ClusterDrill(jobsEnd);
  const runtime = run.process("runtime-1");
  runtime.config = { ...runtime.config, behaviours: [{ image: "job:*", exitsAfterUs: 1_000, exitsTimes: 0 }] } as never;
  return run;
}

test("nothing is pending when it has ended, is suspended, or never can end", () => {
  expect(drill().put(job("job:1", { conditions: [{ type: "Failed", status: "True" }] })).pending).toBeNull();
  expect(drill().put(job("job:1", {}, { suspend: true })).pending).toBeNull();
  const ofCronJob = {
    ...job("job:1"),
    metadata: { ...job("job:1").metadata, ...ownedBy(objectOf("CronJob", "each-minute")) },
  };
  expect(drill().put(ofCronJob).after(60).pending).toBeNull();
  expect(drill().put(job("web:1")).pending).toBeNull();
});

test("pending while it has not", () => {
  expect(drill().put(job("job:1", { succeeded: 1 })).pending).toBe(
    "Job default/sum has 1 of 2 completions, 0 failures and 0 pods",
  );
});

test("not pending where its backoff goes by a clock that is far ahead of the manager's", () => {
  const at = (run: ClusterDrill, id: string, aheadSeconds: number, changes: Loose) =>
    run.step(id, changes, { kind: "timer", name: "x", now: 0, wall: run.now + aheadSeconds * 1_000_000 } as never);
  const failed = job("job:1", { failed: 1 });
  const run = at(drill().put(failed), "kubelet-1", 0, { workers: [] });
  expect(at(run, "controller-manager-1", -59, { slots: [] }).pending).toMatch(/1 failures/);
  expect(at(run, "controller-manager-1", -61, { slots: [] }).pending).toBeNull();
  expect(run.put(job("job:1")).pending, "it has not failed").toMatch(/0 failures/);
});
