import type { Pod } from "../../machinery/kinds/index.ts";
import { hasFinalizer, isDeleting } from "../../machinery/meta.ts";
import { isPodReady, isPodTerminal } from "../../machinery/pods.ts";
import { compareQuantities } from "../../machinery/quantity.ts";
import { FINALIZER, sizeOf, startedWith } from "./objects.ts";
import type { Claim, Database, DatabaseStatus } from "./types.ts";

/** What a database is made of, by ordinal. */
export interface Instances {
  readonly pods: ReadonlyMap<number, Pod>;
  readonly claims: ReadonlyMap<number, Claim>;
}

/** The next thing that is to be done. `wait`: something is on its way, and nothing is to be done before it is there. */
export type Step = Action | { readonly kind: "wait" | "none" };

export type Action =
  | { readonly kind: "addFinalizer" | "tornDown" }
  | { readonly kind: "createClaim"; readonly ordinal: number }
  | { readonly kind: "createPod"; readonly ordinal: number; readonly claim: Claim }
  | { readonly kind: "growClaim"; readonly ordinal: number; readonly claim: Claim }
  | { readonly kind: "deletePod"; readonly why: "surplus" | "behind" | "over"; readonly pod: Pod }
  | { readonly kind: "deleteClaim"; readonly ordinal: number; readonly claim: Claim };

const WAIT: Step = { kind: "wait" };
const NONE: Step = { kind: "none" };

/** What is to be done follows from what there is alone: whoever takes over in the middle goes on from there. */
export function nextStep(database: Database, instances: Instances): Step {
  if (isDeleting(database)) return tearDown(database, instances);
  if (!hasFinalizer(database, FINALIZER)) return { kind: "addFinalizer" };
  return surplus(database, instances) ?? missing(database, instances) ?? behind(database, instances) ?? NONE;
}

/** Pods, then their claims, then the database itself. */
function tearDown(database: Database, { pods, claims }: Instances): Step {
  if (!hasFinalizer(database, FINALIZER)) return NONE;
  for (const pod of pods.values()) if (!isDeleting(pod)) return { kind: "deletePod", why: "over", pod };
  if (pods.size > 0) return WAIT;
  for (const [ordinal, claim] of claims) if (!isDeleting(claim)) return { kind: "deleteClaim", ordinal, claim };
  return claims.size > 0 ? WAIT : { kind: "tornDown" };
}

/** Instances that are too many go from the highest, and each one's claim when its pod is gone. */
function surplus({ spec }: Database, { pods, claims }: Instances): Step | null {
  const ordinals = [...new Set([...pods.keys(), ...claims.keys()])].sort((one, other) => other - one);
  for (const ordinal of ordinals) {
    if (ordinal < spec.replicas) return null;
    const pod = pods.get(ordinal);
    const claim = claims.get(ordinal);
    if (pod !== undefined && !isDeleting(pod)) return { kind: "deletePod", why: "surplus", pod };
    const isOver = pod === undefined;
    if (isOver && claim !== undefined && !isDeleting(claim)) return { kind: "deleteClaim", ordinal, claim };
    if (pod !== undefined) return WAIT;
  }
  return null;
}

/** An instance has a claim, and then a pod. One that is on its way out is waited for. */
function missing({ spec }: Database, { pods, claims }: Instances): Step | null {
  let waits = false;
  for (let ordinal = 0; ordinal < spec.replicas; ordinal++) {
    const claim = claims.get(ordinal);
    const pod = pods.get(ordinal);
    if (claim === undefined) return { kind: "createClaim", ordinal };
    if (pod !== undefined && isPodTerminal(pod) && !isDeleting(pod)) return { kind: "deletePod", why: "over", pod };
    if (pod === undefined && !isDeleting(claim)) return { kind: "createPod", ordinal, claim };
    if (pod === undefined || isDeleting(pod)) waits = true;
  }
  return waits ? WAIT : null;
}

/**
 * What changes goes through the instances one by one, while all others are ready. A claim grows, and then its instance is
 * started anew; one whose claim has grown without it, or that runs another image, is started anew as well.
 */
function behind({ spec }: Database, { pods, claims }: Instances): Step | null {
  const some = [...claims.entries()].filter(([ordinal]) => ordinal < spec.replicas);
  for (const [ordinal, claim] of some) {
    const pod = pods.get(ordinal)!;
    const isOld = isBehind(pod, claim) || pod.spec.containers[0]?.image !== spec.image;
    const isSmall = compareQuantities(sizeOf(claim), spec.storage) < 0;
    if (!isOld && !isSmall) continue;
    if (some.some(([other]) => other !== ordinal && !isPodReady(pods.get(other)!))) return WAIT;
    // It grows while it is bound.
    if (isSmall) return claim.status?.phase === "Bound" ? { kind: "growClaim", ordinal, claim } : WAIT;
    return { kind: "deletePod", why: "behind", pod };
  }
  return null;
}

/** Its claim has another size than the one that it was started with. */
function isBehind(pod: Pod, claim: Claim): boolean {
  return startedWith(pod) !== sizeOf(claim);
}

export function statusOf(database: Database, { pods, claims }: Instances): DatabaseStatus {
  const { replicas, storage } = database.spec;
  let readyReplicas = 0;
  let isCurrent = true;
  for (let ordinal = 0; ordinal < replicas; ordinal++) {
    const pod = pods.get(ordinal);
    const claim = claims.get(ordinal);
    if (pod !== undefined && isPodReady(pod)) readyReplicas += 1;
    if (pod === undefined || claim === undefined || isBehind(pod, claim)) isCurrent = false;
  }
  const { generation: observedGeneration = 0 } = database.metadata;
  return { observedGeneration, readyReplicas, storage: isCurrent ? storage : "" };
}
