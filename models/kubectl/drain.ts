import type { ApiResponse } from "../machinery/api.ts";
import { evictRequest, listRequest, patchRequest } from "../machinery/client/requests.ts";
import type { DeleteOptions, Pod } from "../machinery/kinds/index.ts";
import { annotationOf, controllerOf } from "../machinery/meta.ts";
import { failureOf, isConflict, isNamespaceTerminating, isNotFound, isTooManyRequests } from "../machinery/status.ts";
import { note } from "./notes.ts";
import { ask, type CommandRules, type Context, DONE, finished, type Outcome } from "./outcome.ts";
import type { Command, DrainedPod } from "./types.ts";

type Drain = Extract<Command, { readonly kind: "drain" }>;

/**
 * `kubectl drain --ignore-daemonsets --delete-emptydir-data --force` (kubectl pkg/drain): cordons the node, evicts its pods,
 * and waits until they are gone. One request a step, where kubectl has one under way for each pod.
 */
export const drain: CommandRules<Drain> = {
  begin: ({ node }) => ask(cordonRequest(node, true), { kind: "cordoning" }),
  answered(command, { stage, startedAt }, response, context) {
    const late = command.timeoutUs > 0 && context.now - startedAt > command.timeoutUs;
    if (late) return { kind: "failed", status: TIMED_OUT };
    switch (stage.kind) {
      case "cordoning":
        return failureOf(response) === null ? list(command, { kind: "listing" }) : finished(response);
      case "listing":
        return response.kind === "list"
          ? evictNext(command, podsToEvict(response.items as readonly Pod[]), 0, context)
          : finished(response);
      case "evicting":
        return evicted(command, stage.pods, stage.at, response, context);
      case "leaving":
        return response.kind === "list"
          ? leaving(command, stage.pods, response.items as readonly Pod[], context)
          : finished(response);
      default:
        return finished(response);
    }
  },
};

const TIMED_OUT = {
  kind: "Status",
  apiVersion: "v1",
  status: "Failure",
  message: "drain did not complete within its timeout",
  reason: "Timeout",
  code: 504,
} as const;

export function cordonRequest(node: string, unschedulable: boolean) {
  const patch = { spec: { unschedulable: unschedulable ? true : null } };
  return patchRequest("nodes", "", node, patch, { type: "strategic" });
}

/** The pods that are to go: not those of DaemonSets, which would come back, nor a kubelet's own (pkg/drain/filters.go). */
export function podsToEvict(pods: readonly Pod[]): readonly DrainedPod[] {
  return pods
    .filter((pod) => controllerOf(pod)?.kind !== "DaemonSet" && annotationOf(pod, MIRROR) === null)
    .map(({ metadata: { name, namespace = "", uid = "" } }) => ({ namespace, name, uid, phase: "toEvict" }));
}

const MIRROR = "kubernetes.io/config.mirror";

/**
 * The pod is evicted; or its budget does not allow it for now, and it is asked again after 5 s (pkg/drain/drain.go, evictPods).
 * One of another UID under its name is not the one that was to go.
 */
function evicted(
  command: Drain,
  pods: readonly DrainedPod[],
  at: number,
  response: ApiResponse,
  context: Context,
): Outcome {
  const settled = (phase: DrainedPod["phase"]) =>
    evictNext(command, pods.with(at, { ...pods[at]!, phase }), at + 1, context);
  if (failureOf(response) === null) {
    context.note(note.drainEvicted);
    return settled("evicted");
  }
  if (isTooManyRequests(response) || isNamespaceTerminating(response)) {
    context.note(note.drainRefused);
    return settled("refused");
  }
  if (isNotFound(response) || isConflict(response)) {
    context.note(note.drainGone);
    return settled("evicted");
  }
  return finished(response);
}

/** The next pod from a place on that is to be evicted; those that were refused come again after a while. */
function evictNext(command: Drain, pods: readonly DrainedPod[], from: number, context: Context): Outcome {
  const at = pods.findIndex(({ phase }, i) => i >= from && phase === "toEvict");
  if (at >= 0) return ask(evictionOf(command, pods[at]!), { kind: "evicting", pods, at });
  const again = pods.map((pod): DrainedPod => (pod.phase === "refused" ? { ...pod, phase: "toEvict" } : pod));
  const first = again.findIndex(({ phase }) => phase === "toEvict");
  if (first < 0) return list(command, { kind: "leaving", pods });
  return ask(evictionOf(command, again[first]!), { kind: "evicting", pods: again, at: first }, context.evictionRetryUs);
}

/** It names the UID that it saw: one that was created under the same name since then stays. */
function evictionOf({ gracePeriodSeconds }: Drain, { namespace, name, uid }: DrainedPod) {
  const options: DeleteOptions = {
    preconditions: { uid },
    ...(gracePeriodSeconds < 0 ? {} : { gracePeriodSeconds }),
  };
  return evictRequest(namespace, name, options);
}

/** It waits until those that it evicted are gone from the node (pkg/drain/drain.go, waitForDelete). */
function leaving(command: Drain, pods: readonly DrainedPod[], there: readonly Pod[], context: Context): Outcome {
  const uids = new Set(there.map(({ metadata }) => metadata.uid));
  if (pods.some(({ uid }) => uids.has(uid))) return list(command, { kind: "leaving", pods }, context.drainPollUs);
  context.note(note.drained);
  return DONE;
}

function list({ node }: Drain, stage: { kind: "listing" } | { kind: "leaving"; pods: readonly DrainedPod[] }, us = 0) {
  return ask(listRequest("pods", { fieldSelector: `spec.nodeName=${node}` }), stage, us);
}
