import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Job, JobSpec, Pod, PodPhase } from "../../machinery/kinds/index.ts";
import { withMeta } from "../../machinery/meta.ts";
import { timeOf } from "../../machinery/time.ts";
import { Drill } from "../testing/drill.ts";
import { remainingBackoff, withFinished } from "./backoff.ts";
import { jobController, ttlAfterFinished } from "./index.ts";
import { formatIndexes, parseIndexes, pendingIndexes, withIndexes } from "./indexes.ts";
import { TRACKING } from "./pods.ts";

const SECOND = 1_000_000;

function job(spec: Partial<JobSpec> = {}): Job {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "work", namespace: "default" },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      selector: { matchLabels: { job: "work" } },
      template: {
        metadata: { labels: { job: "work" } },
        spec: { restartPolicy: "Never", containers: [{ name: "main" }] },
      },
      ...spec,
    },
  };
}

function drill(spec: Partial<JobSpec> = {}) {
  const made = new Drill(jobController);
  made.api.put(job(spec));
  settle(made);
  return made;
}
type D = Drill<never, never, never>;
function settle(d: { settle(): void; advance(us: number): void }): void {
  for (let i = 0; i < 4; i++) {
    d.settle();
    d.advance(SECOND);
  }
  d.settle();
}
const asD = (d: unknown) => d as D;
const pods = (d: unknown) => asD(d).api.list<Pod>("pods");
const live = (d: unknown) =>
  pods(d).filter(
    ({ status, metadata }) =>
      status?.phase !== "Succeeded" && status?.phase !== "Failed" && !metadata.deletionTimestamp,
  );
const status = (d: unknown) => asD(d).api.get<Job>("jobs", "default/work")!.status!;
const condition = (d: unknown) =>
  status(d)
    .conditions?.filter((one) => one.status === "True")
    .map(({ type, reason }) => `${type}/${reason}`);

function end(d: unknown, pod: Pod, phase: PodPhase): void {
  asD(d).api.edit<Pod>("pods", `default/${pod.metadata.name}`, (one) => ({
    ...one,
    status: {
      phase,
      containerStatuses: [
        {
          name: "main",
          ready: false,
          restartCount: 0,
          state: { terminated: { exitCode: phase === "Failed" ? 1 : 0, finishedAt: timeOf(asD(d).wall) } },
        },
      ],
    },
  }));
}

describe("job", () => {
  test("runs min(parallelism, completions - succeeded) pods, counts each once, and completes", () => {
    const d = drill({ completions: 3, parallelism: 2 });
    expect(live(d)).toHaveLength(2);
    expect(pods(d).every(({ metadata }) => metadata.finalizers?.includes(TRACKING))).toBe(true);
    end(d, live(d)[0]!, "Succeeded");
    settle(d);
    expect(status(d)).toMatchObject({
      succeeded: 1,
      active: 2,
      uncountedTerminatedPods: { succeeded: [], failed: [] },
    });
    for (const pod of live(d)) end(d, pod, "Succeeded");
    settle(d);
    expect(status(d)).toMatchObject({ succeeded: 3, active: 0 });
    expect(condition(d)).toEqual(["SuccessCriteriaMet/CompletionsReached", "Complete/CompletionsReached"]);
    expect(status(d).completionTime).toBeDefined();
    expect(pods(d)).toHaveLength(3);
    expect(pods(d).some(({ metadata }) => metadata.finalizers?.includes(TRACKING))).toBe(false);
    const before = d.requests.length;
    settle(d);
    expect(d.requests.length).toBe(before);
  });

  test("a failed pod is replaced after 10 s, then 20 s; more failures than the limit end it", () => {
    const d = drill({ backoffLimit: 1 });
    end(d, live(d)[0]!, "Failed");
    settle(d);
    expect(live(d)).toHaveLength(0);
    expect(status(d)).toMatchObject({ failed: 1 });
    d.advance(7 * SECOND);
    settle(d);
    expect(live(d)).toHaveLength(1);
    end(d, live(d)[0]!, "Failed");
    settle(d);
    expect(condition(d)).toEqual(["FailureTarget/BackoffLimitExceeded", "Failed/BackoffLimitExceeded"]);
    d.advance(100 * SECOND);
    settle(d);
    expect(pods(d)).toHaveLength(2);
  });

  test("past its deadline its pods are deleted, and it fails when they have terminated", () => {
    const d = drill({ activeDeadlineSeconds: 30 });
    const [pod] = live(d);
    d.api.edit<Pod>("pods", `default/${pod!.metadata.name}`, (one) => ({
      ...one,
      spec: { ...one.spec, nodeName: "one" },
    }));
    d.advance(30 * SECOND);
    settle(d);
    expect(condition(d)).toEqual(["FailureTarget/DeadlineExceeded"]);
    d.api.remove("pods", `default/${pod!.metadata.name}`);
    settle(d);
    expect(condition(d)).toEqual(["FailureTarget/DeadlineExceeded", "Failed/DeadlineExceeded"]);
  });

  test("suspended it has no pods; resumed it starts anew", () => {
    const d = drill({ suspend: true });
    expect(pods(d)).toHaveLength(0);
    expect(status(d).startTime).toBeUndefined();
    expect(condition(d)).toEqual(["Suspended/JobSuspended"]);
    d.api.edit<Job>("jobs", "default/work", (one) =>
      withMeta({ ...one, spec: { ...one.spec, suspend: false } }, { generation: 2 }),
    );
    settle(d);
    expect(live(d)).toHaveLength(1);
    expect(condition(d)).toEqual([]);
  });

  test("indexed: a pod for each index, the lowest first, those that succeed written as intervals", () => {
    const d = drill({ completionMode: "Indexed", completions: 4, parallelism: 3 });
    expect(live(d).map(({ metadata }) => metadata.annotations?.["batch.kubernetes.io/job-completion-index"])).toEqual([
      "0",
      "1",
      "2",
    ]);
    const [zero, , two] = live(d);
    expect(zero!.metadata.name).toMatch(/^work-0-/);
    end(d, zero!, "Succeeded");
    end(d, two!, "Succeeded");
    settle(d);
    expect(status(d)).toMatchObject({ completedIndexes: "0,2", succeeded: 2 });
    for (const pod of live(d)) end(d, pod, "Succeeded");
    settle(d);
    expect(status(d)).toMatchObject({ completedIndexes: "0-3", succeeded: 4 });
    expect(condition(d)).toContain("Complete/CompletionsReached");
  });

  test("a cache that shows neither its own status nor the removed finalizer counts no pod twice", () => {
    const d = drill({ completions: 2 });
    end(d, live(d)[0]!, "Succeeded");
    d.deliver();
    d.run("default/work");
    expect(status(d)).toMatchObject({ succeeded: 1 });
    d.run("default/work");
    d.deliver("jobs");
    d.run("default/work");
    expect(status(d)).toMatchObject({ succeeded: 1 });
    settle(d);
    expect(status(d)).toMatchObject({ succeeded: 1, active: 1 });
  });

  test("a crash after the pods were recorded: the next counts them once", () => {
    const d = drill({ completions: 2 });
    end(d, live(d)[0]!, "Succeeded");
    d.deliver();
    let asked = d.sync("default/work");
    while ("verb" in asked && asked.verb !== "update") asked = d.answer(d.api.call(asked));
    expect(asked).toMatchObject({ verb: "update", subresource: "status" });
    d.api.call(asked as never);
    const next = new Drill(jobController);
    Object.assign(next, { api: d.api });
    next.now = d.now;
    settle(next);
    expect(status(next)).toMatchObject({ succeeded: 1, active: 1 });
  });

  test("a new leader whose cache lacks the pods creates none", () => {
    const d = drill({ completions: 2, parallelism: 2 });
    const next = new Drill(jobController);
    Object.assign(next, { api: d.api });
    next.deliver("jobs");
    expect(next.run("default/work")).toMatchObject({ kind: "retry" });
    expect(pods(next)).toHaveLength(2);
  });

  test("nor where they come into its cache while it asks whether they are there", () => {
    const d = drill({ completions: 2, parallelism: 2 });
    const next = new Drill(jobController);
    Object.assign(next, { api: d.api });
    next.deliver("jobs");
    expect(next.sync("default/work")).toMatchObject({ verb: "get", resource: "jobs" });
    const list = next.answer(d.api.call(next.requests.at(-1)!));
    expect(list).toMatchObject({ verb: "list", resource: "pods" });
    const answer = d.api.call(list as never);
    next.deliver("pods");
    let asked = next.answer(answer);
    while ("verb" in asked) asked = next.answer(d.api.call(asked));
    expect(pods(next)).toHaveLength(2);
  });

  test("a pod whose phase changes after it was recorded is not counted again", () => {
    const d = drill({ completions: 1 });
    const [pod] = live(d);
    end(d, pod!, "Failed");
    d.deliver();
    const asked = d.sync("default/work");
    d.api.call(asked as never);
    end(d, pod!, "Succeeded");
    const next = new Drill(jobController);
    Object.assign(next, { api: d.api });
    next.now = d.now;
    settle(next);
    expect(status(next)).toMatchObject({ failed: 1 });
    expect(status(next).succeeded ?? 0).toBe(0);
  });

  test("pods of a job that is gone lose the finalizer", () => {
    const d = drill();
    const [pod] = pods(d);
    d.api.remove("jobs", "default/work");
    d.api.edit<Pod>("pods", `default/${pod!.metadata.name}`, (one) =>
      withMeta(one, { deletionTimestamp: timeOf(d.wall) }),
    );
    settle(d);
    expect(pods(d)).toEqual([]);
  });

  test("ttl after the end", () => {
    const d = new Drill(ttlAfterFinished);
    const end = timeOf(d.wall);
    d.api.put({
      ...job({ ttlSecondsAfterFinished: 10 }),
      status: { conditions: [{ type: "Complete", status: "True", lastTransitionTime: end }] },
    } as Job);
    d.settle();
    d.advance(9 * SECOND);
    d.settle();
    expect(d.requests).toEqual([]);
    d.advance(2 * SECOND);
    d.settle();
    expect(d.requests.at(-1)).toMatchObject({ verb: "delete", options: { propagationPolicy: "Foreground" } });
  });
});

describe("indexes", () => {
  test("text, union, what is pending", () => {
    expect(formatIndexes(withIndexes([], [5, 0, 2, 1, 7, 8]))).toBe("0-2,5,7,8");
    expect(parseIndexes("0-2,5,7,8", 8)).toEqual([
      { first: 0, last: 2 },
      { first: 5, last: 5 },
      { first: 7, last: 7 },
    ]);
    expect(pendingIndexes(parseIndexes("0-2,5", 9), [3], 3, 9)).toEqual([4, 6, 7]);
  });
});

const FILE = "../shared/data/kubernetes/job_backoff_record.json";
interface Row {
  readonly name: string;
  readonly priorFailures: number;
  readonly succeededMs: readonly number[];
  readonly failedMs: readonly number[];
  readonly expect: { readonly failuresAfterLastSuccess: number; readonly lastFailureMs: number | null };
}
const rows: readonly Row[] = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as { cases: Row[] }).cases : [];

describe.skipIf(rows.length === 0)("Kubernetes' table of backoff records", () => {
  test.each(rows.map((row) => [row.name, row] as const))("%s", (_, row) => {
    const prior = { failuresAfterLastSuccess: row.priorFailures, lastFailureAt: null };
    const us = (ms: number) => ms * 1000;
    const record = withFinished(prior, row.succeededMs.map(us), row.failedMs.map(us));
    expect(record).toEqual({
      failuresAfterLastSuccess: row.expect.failuresAfterLastSuccess,
      lastFailureAt: row.expect.lastFailureMs === null ? null : us(row.expect.lastFailureMs),
    });
  });

  test("10 s, doubling to 10 min", () => {
    const left = (failures: number) =>
      remainingBackoff({ failuresAfterLastSuccess: failures, lastFailureAt: 0 }, 0, 10 * SECOND, 600 * SECOND) / SECOND;
    expect([0, 1, 2, 3, 6, 7, 8, 40].map(left)).toEqual([0, 10, 20, 40, 320, 600, 600, 600]);
  });
});
