import type { Node, Pod, PodDisruptionBudget } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { microsOf, selects } from "../cluster/objects.ts";
import { type Decided, decisionsOf, evidenceOf, informed } from "./decisions.ts";
import { type Known, naiveRefusals, priorityOf } from "./feasible.ts";

/**
 * S23. Pods that have to go for another are less important than it, none of them could have been spared on that node, and on
 * no other node would less have had to go.
 */
export const victimsAreNeeded: ClusterProperty = {
  id: "scheduler/victims-are-needed",
  kind: "always",
  source:
    "kubernetes pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go, SelectVictimsOnNode; pkg/scheduler/framework/preemption/preemption.go, pickOneNodeForPreemption",
  monitor(context) {
    const decisions = decisionsOf(context);
    decisions.listen((decided) => {
      if (decided.decision.nominated === "" || decided.decision.victims.length === 0) return;
      const wrong = whatIsWrong(decided);
      if (wrong !== null) context.violate(wrong, evidenceOf(decided));
    });
    return decisions.with();
  },
};

function whatIsWrong(decided: Decided): string | null {
  const { pod, decision, known, name } = decided;
  const { nominated } = decision;
  const victims = decision.victims.map((info) => info.pod);
  const equal = victims.find((victim) => priorityOf(victim) >= priorityOf(pod));
  if (equal !== undefined)
    return `${equal.metadata.name} of priority ${priorityOf(equal)} has to go for ${name} of priority ${priorityOf(pod)}`;
  const budgets = informed(decided.state, "poddisruptionbudgets").map(([, object]) => object as PodDisruptionBudget);
  const node = known.cluster.nodes.find(({ metadata }) => metadata.name === nominated);
  const own = node === undefined ? null : choiceOn(known, pod, node, budgets);
  if (own === null) return `${name} is nominated to ${nominated}, and would not fit there whoever goes`;
  const named = (list: readonly Pod[]) =>
    list
      .map(({ metadata }) => metadata.name)
      .sort()
      .join(", ");
  if (named(own.victims) !== named(victims))
    return `${named(victims)} have to go on ${nominated} for ${name}, and it would be enough if ${named(own.victims)} did`;
  for (const other of known.cluster.nodes) {
    const choice = other === node ? null : choiceOn(known, pod, other, budgets);
    if (choice !== null && isBetter(choice, own))
      return `${named(victims)} have to go on ${nominated} for ${name}, and ${other.metadata.name} would have been better: ${named(choice.victims)}`;
  }
  return null;
}

interface Choice {
  readonly victims: readonly Pod[];
  /** What makes it better, from the first to the last; less is better. */
  readonly costs: readonly number[];
}

/** Who has to go on a node; null: it does not help, or nobody has to. */
function choiceOn(known: Known, pod: Pod, node: Node, budgets: readonly PodDisruptionBudget[]): Choice | null {
  const { pods } = known.cluster;
  const isThere = ({ spec }: Pod) => spec.nodeName === node.metadata.name;
  const lower = pods.filter((one) => isThere(one) && priorityOf(one) < priorityOf(pod));
  if (lower.length === 0) return null;
  const fits = (gone: ReadonlySet<Pod>) =>
    naiveRefusals({ ...known, cluster: { ...known.cluster, pods: pods.filter((one) => !gone.has(one)) } }, pod, node)
      .length === 0;
  const gone = new Set(lower);
  if (!fits(gone)) return null;
  const ordered = lower.toSorted(moreImportant);
  const guarded = violatingOf(ordered, budgets);
  let violations = 0;
  for (const one of [...ordered.filter((each) => guarded.has(each)), ...ordered.filter((each) => !guarded.has(each))]) {
    gone.delete(one);
    if (fits(gone)) continue;
    gone.add(one);
    if (guarded.has(one)) violations++;
  }
  const victims = ordered.filter((one) => gone.has(one));
  const highest = Math.max(...victims.map(priorityOf));
  const earliest = Math.min(...victims.filter((one) => priorityOf(one) === highest).map(startOf));
  const sum = victims.reduce((total, one) => total + priorityOf(one) + 2 ** 31, 0);
  return { victims, costs: [violations, highest, sum, victims.length, -earliest] };
}

/** Those whose budgets do not allow that they go, when all go in this order. */
function violatingOf(pods: readonly Pod[], budgets: readonly PodDisruptionBudget[]): ReadonlySet<Pod> {
  const left = new Map(budgets.map((budget) => [budget, budget.status?.disruptionsAllowed ?? 0]));
  const violating = new Set<Pod>();
  for (const pod of pods)
    for (const budget of budgets) {
      const { namespace, labels = {}, name } = pod.metadata;
      const { selector } = budget.spec;
      const isEmpty = Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions ?? []).length === 0;
      if (budget.metadata.namespace !== namespace || isEmpty || !selects(selector, labels)) continue;
      if (Object.keys(labels).length === 0 || budget.status?.disruptedPods?.[name] !== undefined) continue;
      left.set(budget, left.get(budget)! - 1);
      if (left.get(budget)! < 0) violating.add(pod);
    }
  return violating;
}

function moreImportant(one: Pod, two: Pod): number {
  return priorityOf(two) - priorityOf(one) || startOf(one) - startOf(two);
}

/** One that has not started counts as starting now. */
function startOf({ status }: Pod): number {
  return status?.startTime === undefined ? Number.MAX_SAFE_INTEGER : microsOf(status.startTime);
}

function isBetter({ costs }: Choice, other: Choice): boolean {
  const at = costs.findIndex((cost, i) => cost !== other.costs[i]);
  return at >= 0 && costs[at]! < other.costs[at]!;
}
