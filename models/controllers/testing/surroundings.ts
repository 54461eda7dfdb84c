import type { Micros } from "../../kernel/index.ts";
import type { ResourceName } from "../../machinery/api.ts";
import { isConditionTrue } from "../../machinery/conditions.ts";
import type { ControllerRevision, KubeObject, Pod } from "../../machinery/kinds/index.ts";
import { isDeleting, keyOf } from "../../machinery/meta.ts";
import type { FakeApi } from "../../machinery/testing/fake-api.ts";
import { timeOf } from "../../machinery/time.ts";
import { inPhase, onNode } from "./objects.ts";

/** A drill or a bench, as far as what is around a controller matters. */
export interface Surroundings {
  readonly api: FakeApi;
  readonly now: Micros;
  /** Where it is not the same as `now`. */
  readonly wall?: Micros;
}

export const podsOf = ({ api }: Surroundings): readonly Pod[] => api.list<Pod>("pods");
export const imagesOf = (of: Surroundings): (string | undefined)[] =>
  podsOf(of).map(({ spec }) => spec.containers[0]!.image);
export const revisionsOf = ({ api }: Surroundings): readonly ControllerRevision[] => api.list("controllerrevisions");

/** A person changes the spec of an object. */
export function changeSpec<O extends KubeObject & { readonly spec: object }>(
  { api }: Surroundings,
  resource: ResourceName,
  key: string,
  spec: Partial<O["spec"]>,
): void {
  api.edit<O>(resource, key, (one) => ({
    ...one,
    metadata: { ...one.metadata, generation: one.metadata.generation! + 1 },
    spec: { ...one.spec, ...spec },
  }));
}

/** How kubelets find the pods. */
export interface Kubelets {
  /** The node of a pod that has none: what a scheduler would say. */
  readonly nodeOf?: (pod: Pod) => string;
  /** Which become ready, those that run already as well. Without it, all new ones. */
  readonly isReady?: (pod: Pod) => boolean;
}

/** What the scheduler and kubelets do, in short: new pods are bound and run, those that are being deleted go. */
export function kubelets(of: Surroundings, { nodeOf = () => "", isReady }: Kubelets = {}): void {
  const now = timeOf(of.wall ?? of.now);
  for (const pod of podsOf(of)) {
    const { phase, conditions } = pod.status ?? {};
    const isNew = phase === undefined || phase === "Pending";
    if (isDeleting(pod)) of.api.remove("pods", keyOf(pod));
    else if (isNew || (phase === "Running" && isReady?.(pod) === true && !isConditionTrue(conditions, "Ready"))) {
      const node = pod.spec.nodeName ?? (nodeOf(pod) || "node-1");
      of.api.edit<Pod>("pods", keyOf(pod), (one) => inPhase(onNode(one, node), "Running", now, isReady?.(pod) ?? true));
    }
  }
}

/** The controller does what it can, then all others; so many times. */
export function converge(drill: Surroundings & { settle(): void }, others: () => void, rounds = 20): void {
  for (let round = 0; round < rounds; round++) {
    drill.settle();
    others();
  }
  drill.settle();
}
