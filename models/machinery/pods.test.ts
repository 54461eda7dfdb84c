import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Pod } from "./kinds/index.ts";
import {
  isPodActive,
  isPodAvailable,
  isPodReady,
  isPodTerminal,
  isPodTerminating,
  podNonzeroRequests,
  podRequests,
  qosClass,
} from "./pods.ts";
import { timeOf } from "./time.ts";

const TABLES = fileURLToPath(new URL("../../../shared/data/kubernetes/", import.meta.url));

interface Case<E> {
  readonly name: string;
  readonly pod: Pod;
  readonly expect: E;
}

/** Kubernetes' own cases; none where the collection is not there. */
function casesOf<E>(file: string): readonly Case<E>[] {
  return existsSync(TABLES) ? (JSON.parse(readFileSync(`${TABLES}${file}`, "utf8")) as { cases: Case<E>[] }).cases : [];
}

function podOf(spec: Partial<Pod["spec"]>, status: Pod["status"] = {}): Pod {
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { containers: [], ...spec }, status };
}

const requesting = (name: string, cpu: string, memory = "0") => ({ name, resources: { requests: { cpu, memory } } });

describe.skipIf(!existsSync(TABLES))("Kubernetes' own tables", () => {
  test("quality of service", () => {
    const cases = casesOf<{ qosClass: string }>("qos_class.json");
    expect(cases.map(({ name, pod }) => `${name} ${qosClass(pod)}`)).toEqual(
      cases.map((one) => `${one.name} ${one.expect.qosClass}`),
    );
    expect(cases.length).toBeGreaterThan(10);
  });

  test("requests in scoring", () => {
    const cases = casesOf<{ cpuMilli: number; memoryBytes: number }>("nonzero_pod_requests.json");
    for (const { name, pod, expect: expected } of cases) {
      const { milliCpu, memoryBytes } = podNonzeroRequests(pod);
      expect({ cpuMilli: milliCpu, memoryBytes }, name).toEqual(expected);
    }
    expect(cases.length).toBeGreaterThan(5);
  });
});

describe("requests", () => {
  test("containers run together, init containers one after the other", () => {
    const containers = [requesting("a", "100m"), requesting("b", "200m")];
    expect(podRequests(podOf({ containers })).milliCpu).toBe(300);
    expect(podRequests(podOf({ containers, initContainers: [requesting("i", "250m")] })).milliCpu).toBe(300);
    expect(podRequests(podOf({ containers, initContainers: [requesting("i", "1")] })).milliCpu).toBe(1000);
  });

  test("a sidecar counts with the containers, and with the init containers after it", () => {
    const sidecar = { ...requesting("s", "500m"), restartPolicy: "Always" as const };
    const containers = [requesting("a", "100m")];
    expect(podRequests(podOf({ containers, initContainers: [sidecar] })).milliCpu).toBe(600);
    expect(podRequests(podOf({ containers, initContainers: [sidecar, requesting("i", "1")] })).milliCpu).toBe(1500);
    expect(podRequests(podOf({ containers, initContainers: [requesting("i", "1"), sidecar] })).milliCpu).toBe(1000);
  });

  test("pod-level requests count instead, overhead on top; other resources by name", () => {
    const containers = [{ name: "a", resources: { requests: { cpu: "1", "example.com/gpu": "2", "a.b/c": 1 } } }];
    const pod = podOf({ containers, overhead: { cpu: "10m" }, resources: { requests: { cpu: "3" } } });
    expect(podRequests(pod)).toEqual({
      milliCpu: 3010,
      memoryBytes: 0,
      ephemeralStorageBytes: 0,
      others: { "a.b/c": 1, "example.com/gpu": 2 },
    });
  });
});

describe("pod-level requests, in scoring", () => {
  const nonzero = (...spec: Parameters<typeof podOf>) => {
    const { milliCpu, memoryBytes } = podNonzeroRequests(podOf(...spec));
    return [milliCpu, memoryBytes / 2 ** 20];
  };

  test("what neither the pod nor a container states counts as something; what one states does not", () => {
    const containers = [{ name: "a" }, { name: "b" }];
    expect(nonzero({ containers })).toEqual([200, 400]);
    expect(nonzero({ containers, resources: { requests: { cpu: "1" } } })).toEqual([1000, 400]);
    const stating = [{ name: "a", resources: { requests: { memory: "1Gi" } } }, { name: "b" }];
    expect(nonzero({ containers: stating })).toEqual([200, 1224]);
    expect(nonzero({ containers: stating, resources: { requests: { cpu: "1" } } })).toEqual([1000, 1024]);
  });
});

describe("a pod that is being resized", () => {
  const containers = [requesting("a", "1")];
  const held = (status: object, conditions: readonly object[] = []) =>
    podRequests(
      podOf({ containers }, {
        conditions,
        containerStatuses: [{ name: "a", ready: true, restartCount: 0, ...status }],
      } as never),
    ).milliCpu;

  test("counts for the most of what it asks for, has, and was promised", () => {
    expect(held({})).toBe(1000);
    expect(held({ resources: { requests: { cpu: "500m" } } })).toBe(1000);
    expect(held({ resources: { requests: { cpu: "2" } } })).toBe(2000);
    expect(held({ resources: { requests: { cpu: "2" } }, allocatedResources: { cpu: "3" } })).toBe(3000);
    expect(held({ allocatedResources: { cpu: "3" } })).toBe(1000);
  });

  test("stays with what it has where its node cannot do it", () => {
    const infeasible = [{ type: "PodResizePending", status: "True", reason: "Infeasible" }];
    expect(held({ resources: { requests: { cpu: "500m" } } }, infeasible)).toBe(500);
    const deferred = [{ type: "PodResizePending", status: "True", reason: "Deferred" }];
    expect(held({ resources: { requests: { cpu: "500m" } } }, deferred)).toBe(1000);
  });
});

test("phases and readiness", () => {
  const ready = podOf(
    {},
    { phase: "Running", conditions: [{ type: "Ready", status: "True", lastTransitionTime: timeOf(5e6) }] },
  );
  expect([isPodReady(ready), isPodActive(ready), isPodTerminal(ready)]).toEqual([true, true, false]);
  expect([0, 10].map((seconds) => isPodAvailable(ready, seconds, 14_999_999))).toEqual([true, false]);
  expect(isPodAvailable(ready, 10, 15_000_000)).toBe(true);
  const deleted = { ...ready, metadata: { name: "p", deletionTimestamp: timeOf(0) } };
  expect([isPodActive(deleted), isPodTerminating(deleted)]).toEqual([false, true]);
  const failed = { ...deleted, status: { phase: "Failed" as const } };
  expect([isPodActive(failed), isPodTerminating(failed), isPodTerminal(failed), isPodReady(failed)]).toEqual([
    false,
    false,
    true,
    false,
  ]);
});
