import type { InformerEvent } from "../../machinery/client/types.ts";
import type { Pod, PodDisruptionBudget } from "../../machinery/kinds/index.ts";
import { keyOf } from "../../machinery/meta.ts";
import type { Controller } from "../controller.ts";
import { budgetAnswered, selects, syncBudget } from "./budget.ts";
import { STALE, staleTarget, syncStaleTarget } from "./stale-target.ts";
import { DISRUPTION_DEFAULTS, type DisruptionConfig, type DisruptionTask, type DisruptionTurn } from "./types.ts";

export { NOTE_NAMES as DISRUPTION_NOTES } from "./notes.ts";
export { DISRUPTION_DEFAULTS } from "./types.ts";

const informer = (resource: string) =>
  ({ resource, labelSelector: "", fieldSelector: "", indexes: [], resyncUs: 0 }) as const;

/**
 * Says of each budget how many pods may go (kubernetes pkg/controller/disruption). Keys are those of budgets; with `stale:`
 * before them, those of pods that were to be disrupted.
 */
export const disruption: Controller<null, DisruptionTask, DisruptionConfig> = {
  name: "disruption",
  informers: ["poddisruptionbudgets", "pods", "replicasets", "deployments", "statefulsets"].map(informer),
  workers: 1,
  defaults: DISRUPTION_DEFAULTS,
  initial: null,
  observe,
  sync: (turn, key) => (key.startsWith(STALE) ? syncStaleTarget(turn, key.slice(STALE.length)) : syncBudget(turn, key)),
  answered: (turn, _key, task, response) => budgetAnswered(turn, task, response),
};

function observe(turn: DisruptionTurn, event: InformerEvent): void {
  if (event.resource === "poddisruptionbudgets") {
    if (event.type !== "deleted") turn.enqueue(event.key);
    return;
  }
  if (event.resource === "pods") podChanged(turn, event);
  // The scales of controllers are looked up when a pod changes, as the real one does.
}

/** addPod, updatePod, deletePod. */
function podChanged(turn: DisruptionTurn, { type, old, object }: InformerEvent): void {
  const pod = object as Pod;
  for (const budget of turn.view<PodDisruptionBudget>("poddisruptionbudgets").list(pod.metadata.namespace))
    if (selects(budget, pod) || (old !== null && selects(budget, old as Pod))) turn.enqueue(keyOf(budget));
  const left = type === "deleted" ? null : staleTarget(turn, pod);
  if (left !== null) turn.enqueueAfter(`${STALE}${keyOf(pod)}`, left);
}
