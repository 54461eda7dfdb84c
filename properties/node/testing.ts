import type { RuntimeContainer } from "../../models/runtime/types.ts";
import type { ClusterDrill } from "../cluster/testing.ts";

/** A container of a pod; its UID is `Pod-<pod>` unless said. */
export function containerOf(pod: string, more: Partial<RuntimeContainer> = {}): RuntimeContainer {
  const { podUid = `Pod-${pod}`, container = "main", attempt = 0 } = more;
  return {
    id: `${podUid}-${container}-${attempt}`,
    name: `k8s_${container}_${pod}_default_${podUid}_${attempt}`,
    sandboxId: `${podUid}-0`,
    podUid,
    podNamespace: "default",
    podName: pod,
    container,
    attempt,
    image: "web:1",
    hash: "h",
    state: "running",
    createdAt: 1,
    startedAt: 1,
    finishedAt: 0,
    exitCode: 0,
    reason: "",
    memoryBytes: 0,
    startedNow: 1,
    endsNow: 0,
    endsWith: 0,
    ...more,
  };
}

/** A runtime now has these containers, and perhaps sandboxes. */
export function runs(drill: ClusterDrill, runtime: string, ...containers: readonly RuntimeContainer[]): ClusterDrill {
  return drill.step(runtime, { containers });
}
