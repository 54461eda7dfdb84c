import { expect, test } from "vitest";
import { ClusterDrill, type Loose, objectOf } from "../cluster/testing.ts";
import { podAddressesAreUnique } from "./pod-addresses-are-unique.ts";
import { containerOf } from "./testing.ts";

const sandbox = (pod: string, ip: string, state = "ready"): Loose => ({
  id: `Pod-${pod}-0`,
  podUid: `Pod-${pod}`,
  podNamespace: "default",
  podName: pod,
  state,
  ip,
});

const node = (podCIDR: string) => objectOf("Node", "node-1", { spec: { podCIDR } });

function drill(): ClusterDrill {
  const run = new ClusterDrill(podAddressesAreUnique).put(node("10.244.1.0/24"));
  const runtime: Loose = run.process("runtime-1");
  return run.step("runtime-1", { config: { ...runtime.config, node: "node-1", podCIDR: "" } });
}

function runsWith(...sandboxes: readonly Loose[]): string | null {
  return drill().step("runtime-1", { sandboxes, containers: [containerOf("a")] }).violated;
}

test("holds where each has its own, or has given it back, or has the host's", () => {
  expect(runsWith(sandbox("a", "10.244.1.2"), sandbox("b", "10.244.1.3"))).toBeNull();
  expect(runsWith(sandbox("a", "10.244.1.2"), sandbox("b", "10.244.1.2", "notReady"))).toBeNull();
  expect(runsWith(sandbox("a", ""), sandbox("b", ""))).toBeNull();
});

test("violated by an address that another pod has, or that is of another node", () => {
  expect(runsWith(sandbox("a", "10.244.1.2"), sandbox("b", "10.244.1.2"))).toBe(
    "pod default/a runs at runtime-1 with the address 10.244.1.2, which pod default/b has as well",
  );
  expect(runsWith(sandbox("a", "10.244.2.2"))).toMatch(/and its node has had 10\.244\.1\.0\/24/);
});

test("holds where a sandbox keeps its address when its node gets another block", () => {
  const run = drill().put(node("10.244.2.0/24"));
  const sandboxes = [sandbox("a", "10.244.1.2"), sandbox("b", "10.244.2.2")];
  expect(run.step("runtime-1", { sandboxes, containers: [containerOf("a"), containerOf("b")] }).violated).toBeNull();
});
