import { deepEqual } from "../../machinery/equality.ts";
import { templateHash } from "../../machinery/hash.ts";
import type { Deployment, PodTemplateSpec, ReplicaSet, StringMap } from "../../machinery/kinds/index.ts";
import { controllerReference } from "../../machinery/meta.ts";
import { namespaceOf } from "../shared/pod-control.ts";
import { compareByCreation, newReplicas, replicasAnnotations } from "./replicas.ts";

export const TEMPLATE_HASH = "pod-template-hash";
export const REVISION = "deployment.kubernetes.io/revision";
const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";

/** deployment_util.go, annotationsToSkip: they are the set's own. */
const OWN_ANNOTATIONS: readonly string[] = [
  "kubectl.kubernetes.io/last-applied-configuration",
  REVISION,
  REVISION_HISTORY,
  "deployment.kubernetes.io/desired-replicas",
  "deployment.kubernetes.io/max-replicas",
  "deprecated.deployment.rollback.to",
];

/** "maxRevHistoryLengthInChars" (deployment/sync.go). */
const HISTORY_CHARS_MAX = 2000;

/** Templates that are the same but for the label with the hash (deployment_util.go, EqualIgnoreHash). */
export function isEqualIgnoringHash(one: PodTemplateSpec, two: PodTemplateSpec): boolean {
  return deepEqual(withoutHash(one), withoutHash(two));
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [TEMPLATE_HASH]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** The set of the deployment's template: the oldest of them, so that all agree on one (deployment_util.go, FindNewReplicaSet). */
export function findNewSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | null {
  const order = sets.toSorted(compareByCreation);
  return order.find(({ spec }) => isEqualIgnoringHash(spec.template, deployment.spec.template)) ?? null;
}

/** All but the new one (deployment_util.go, FindOldReplicaSets). */
export function oldSets(sets: readonly ReplicaSet[], newSet: ReplicaSet | null): readonly ReplicaSet[] {
  return sets.filter(({ metadata }) => metadata.uid !== newSet?.metadata.uid);
}

export function revisionOf(set: ReplicaSet): number {
  const text = set.metadata.annotations?.[REVISION];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;
}

/** One more than the highest of the old ones. */
export function nextRevisionOf(old: readonly ReplicaSet[]): number {
  return old.reduce((most, set) => Math.max(most, revisionOf(set)), 0) + 1;
}

/**
 * The annotations of the new set: the deployment's own, its revision, and the revisions that it had before, where the
 * deployment has come back to it (deployment_util.go, SetNewReplicaSetAnnotations). The same object if nothing changes.
 */
export function newSetAnnotations(deployment: Deployment, set: StringMap | undefined, revision: number): StringMap {
  const before: StringMap = set ?? {};
  const after: Record<string, string> = { ...before };
  for (const [name, value] of Object.entries(deployment.metadata.annotations ?? {}))
    if (!OWN_ANNOTATIONS.includes(name)) after[name] = value;
  const old = before[REVISION];
  // A set may have a higher one than that: old ones may have been deleted meanwhile.
  if (Number(old ?? 0) < revision) {
    after[REVISION] = String(revision);
    if (old !== undefined) {
      const history = before[REVISION_HISTORY];
      after[REVISION_HISTORY] = shortened(
        history === undefined || history === "" ? [old] : [...history.split(","), old],
      );
    }
  }
  return deepEqual(before, after) ? before : after;
}

/** The latest revisions that fit. */
function shortened(revisions: readonly string[]): string {
  let first = 0;
  while (revisions.slice(first).join(",").length > HISTORY_CHARS_MAX) first++;
  return revisions.slice(first).join(",");
}

/** The set of a template that has none yet (deployment/sync.go, getNewReplicaSet). */
export function newSetOf(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet {
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = templateHash(template, deployment.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [TEMPLATE_HASH]: hash };
  const annotations = {
    ...newSetAnnotations(deployment, undefined, nextRevisionOf(old)),
    ...replicasAnnotations(deployment),
  };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      ...namespaceOf(deployment),
      labels,
      annotations,
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: newReplicas(deployment, 0, old),
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [TEMPLATE_HASH]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
