import type { Pod, Uid } from "../../models/machinery/kinds/index.ts";
import type { RuntimeContainer, RuntimeDurable, RuntimeState } from "../../models/runtime/types.ts";
import type { ClusterContext, ClusterProcess, ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { runningLedgerOf } from "../cluster/running.ts";

/**
 * S40. A container that has ended is started again as its pod's restartPolicy has it: never under `Never`, under
 * `OnFailure` only if it has failed. Restart counts never decrease, unless the node lost what was not on its disk yet with
 * its power. What runs survives its daemon's restart, unless that is docker's without live-restore.
 */
export const restartsFollowPolicy: ClusterProperty = {
  id: "node/restarts-follow-policy",
  kind: "always",
  source:
    "kubernetes pkg/kubelet/container/helpers.go, ShouldContainerBeRestarted; core/v1 ContainerStatus.restartCount; docker: live-restore",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    const running = runningLedgerOf(context);
    /** Pods on nodes that lost their power: of what became of their containers, the last may be lost. */
    const mayForget = new Set<Uid>();
    running.listen({
      started: ({ process, container }) =>
        checkPolicy(context, process, container, ledger.byUid(container.podUid)?.object as Pod),
    });
    ledger.on<Pod>("pods", ({ key, before, after }) => {
      const uid = after?.metadata.uid;
      if (before === null || after === null || before.metadata.uid !== uid) return;
      if (!mayForget.has(uid!)) checkCounts(context, key, before, after);
      else if (before.status?.containerStatuses !== after.status?.containerStatuses) mayForget.delete(uid!);
    });
    /** The last state of each runtime that has crashed. */
    const crashed = new Map<number, RuntimeState>();
    return ledger.with(
      running.with({
        onCrash({ index, state, durable }) {
          // A start that is not on its disk yet was not carried out.
          if (state.kind === "runtime")
            crashed.set(index, { ...state, containers: (durable as RuntimeDurable).containers });
        },
        onBoot({ id, index, state }) {
          const before = crashed.get(index);
          crashed.delete(index);
          if (before === undefined || state.kind !== "runtime") return;
          checkSurvivors(context, id, before, state);
          if (before.hostBoots === state.hostBoots) return;
          for (const { object } of ledger.podsOn(state.config.node).values()) mayForget.add(object.metadata.uid ?? "");
        },
      }),
    );
  },
};

function checkPolicy(
  context: ClusterContext,
  process: ClusterProcess,
  now: RuntimeContainer,
  pod: Pod | undefined,
): void {
  if (pod === undefined || process.state.kind !== "runtime") return;
  const policy = pod.spec.restartPolicy ?? "Always";
  if (policy === "Always" || !pod.spec.containers.some(({ name }) => name === now.container)) return;
  const before = lastBefore(process.state, now);
  if (before === undefined || before.state !== "exited" || before.startedAt === 0) return;
  if (policy === "OnFailure" && before.exitCode !== 0) return;
  context.violate(
    `container ${now.container} of pod ${now.podNamespace}/${now.podName} is started again at ${process.id} after exit code ${before.exitCode}, and the pod's restartPolicy is ${policy}`,
    { uid: now.podUid, attempt: now.attempt },
  );
}

function lastBefore({ containers }: RuntimeState, now: RuntimeContainer): RuntimeContainer | undefined {
  let last: RuntimeContainer | undefined;
  for (const one of containers) {
    if (one.podUid !== now.podUid || one.container !== now.container || one.attempt >= now.attempt) continue;
    if (last === undefined || one.attempt > last.attempt) last = one;
  }
  return last;
}

function checkCounts(context: ClusterContext, key: string, before: Pod, after: Pod): void {
  const counts = new Map<string, number>();
  for (const { name, restartCount } of before.status?.containerStatuses ?? []) counts.set(name, restartCount);
  for (const { name, restartCount } of after.status?.containerStatuses ?? []) {
    const had = counts.get(name) ?? 0;
    if (restartCount >= had) continue;
    const uid: Uid | undefined = after.metadata.uid;
    context.violate(`the restart count of container ${name} of pod ${key} goes from ${had} to ${restartCount}`, {
      uid,
    });
  }
}

/** `hostBoots` is the same: the host was not restarted, only the daemon. What was to end by then may have. */
function checkSurvivors(context: ClusterContext, id: string, before: RuntimeState, now: RuntimeState): void {
  const { runtime, liveRestore } = now.config;
  if (before.hostBoots !== now.hostBoots || (runtime === "docker" && !liveRestore)) return;
  const running = new Set(now.containers.filter(({ state }) => state === "running").map(({ id }) => id));
  const killed = before.containers.find(
    (container) => container.state === "running" && container.endsNow === 0 && !running.has(container.id),
  );
  if (killed !== undefined)
    context.violate(
      `container ${killed.container} of pod ${killed.podNamespace}/${killed.podName} does not survive the restart of ${id}, which is ${runtime}${liveRestore ? " with live-restore" : ""}`,
      { uid: killed.podUid },
    );
}
