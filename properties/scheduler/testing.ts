import type { Loose } from "../cluster/testing.ts";
import { objectOf, podOf } from "../cluster/testing.ts";

/** A node of a zone, so large. */
export function nodeOf(name: string, { zone = "a", cpu = "2", pods = "10", labels = {}, ...spec }: Loose = {}): Loose {
  return objectOf("Node", name, {
    metadata: {
      labels: { "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": zone, ...labels },
      resourceVersion: "1",
    },
    spec,
    status: { allocatable: { cpu, memory: "4Gi", pods } },
  });
}

/** A pod that waits, or that is on a node. */
export function pendingPod(name: string, { cpu = "1", priority = 0, status = {}, ...more }: Loose = {}): Loose {
  const { spec = {}, ...rest } = more;
  const containers = [{ name: "main", image: "web:1", resources: { requests: { cpu, memory: "64Mi" } } }];
  return podOf(name, { phase: "Pending", ...rest, spec: { containers, priority, ...spec }, status });
}
