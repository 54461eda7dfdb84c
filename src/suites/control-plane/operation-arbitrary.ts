import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import { naming, session } from "./episodes/setting.ts";
import { IMAGES, manifestsOf, type WorkloadPlan } from "./manifests.ts";
import type { Cast, ControlPlaneOperation } from "./scenario.ts";

/** What operations are made of. */
export interface OperationSetting {
  readonly cast: Cast;
  readonly chaosMs: number;
  readonly plans: readonly WorkloadPlan[];
}

/** The kinds of single operation that chance strews over a run; those that need others beside them are in episodes. */
export const OPERATION_KINDS = [
  "scale",
  "setImage",
  "rolloutUndo",
  "rolloutRestart",
  "apply",
  "delete",
  "cordon",
  "uncordon",
  "drain",
  "taint",
  "label",
  "annotate",
  "rewrite",
] as const satisfies readonly ControlPlaneOperation["kind"][];

export type OperationKind = (typeof OPERATION_KINDS)[number];

/** An operation of one of some kinds, at some time. */
export function operation(
  kinds: readonly OperationKind[],
  setting: OperationSetting,
): Arbitrary<ControlPlaneOperation | null> {
  if (kinds.length === 0) return fc.constant(null);
  const atMs = fc.integer({ min: Math.min(3000, setting.chaosMs), max: setting.chaosMs });
  return fc
    .tuple(fc.record({ atMs, session }), fc.oneof(...kinds.map((kind) => ofKind(kind, setting))))
    .map(([when, made]) => (made === null ? null : ({ ...made, ...when } as ControlPlaneOperation)));
}

type Untimed = Record<string, unknown> & { readonly kind: string };

function ofKind(kind: OperationKind, { cast, plans }: OperationSetting): Arbitrary<Untimed | null> {
  const some = (...kinds: WorkloadPlan["kind"][]) => plans.filter((plan) => kinds.includes(plan.kind));
  const on = (fitting: readonly WorkloadPlan[], rest: Arbitrary<object>): Arbitrary<Untimed | null> =>
    fitting.length === 0
      ? fc.constant(null)
      : fc.tuple(fc.constantFrom(...fitting), rest).map(([plan, more]) => ({ kind, ...naming(plan), ...more }));
  const nothing = fc.constant({});
  const node = fc.record({ kind: fc.constant(kind), node: fc.constantFrom(...cast.nodes) });
  const rolling = some("Deployment", "StatefulSet", "DaemonSet");
  switch (kind) {
    case "scale":
      return on(
        some("Deployment", "ReplicaSet", "StatefulSet"),
        fc.record({ replicas: fc.integer({ min: 0, max: 6 }) }),
      );
    case "setImage":
      return on(rolling, fc.record({ container: fc.constant("*"), image: goodImage }));
    case "rolloutUndo":
      return on(rolling, fc.record({ toRevision: fc.constant(0) }));
    case "rolloutRestart":
      return on(rolling, nothing);
    case "apply":
      return plans.length === 0
        ? fc.constant(null)
        : applied(plans).map((objects) => ({ kind, objects, manifests: [] }));
    case "delete":
      return on(
        plans,
        fc.record({
          wait: fc.boolean(),
          propagation: fc.constantFrom("Background" as const, "Foreground" as const, "Orphan" as const),
        }),
      );
    case "cordon":
    case "uncordon":
      return node;
    case "drain":
      return node.map((of) => ({ ...of, gracePeriodSeconds: -1, timeoutMs: 60_000 }));
    case "taint":
      return fc
        .tuple(node, fc.record({ effect: fc.constantFrom("NoSchedule", "NoExecute"), remove: fc.boolean() }))
        .map(([of, rest]) => ({ ...of, key: "example.com/maintenance", value: "", ...rest }));
    case "label":
    case "annotate":
      return on(plans, fc.record({ values: fc.constantFrom({ note: "a" }, { note: "b" }, { note: null }) }));
    case "rewrite":
      return on(plans, fc.record({ count: fc.integer({ min: 1, max: 20 }), everyMs: fc.constantFrom(20, 100, 500) }));
  }
}

/** One of those that get ready in the end. */
export const goodImage = fc.constantFrom(IMAGES.v1, IMAGES.v2, IMAGES.v2, IMAGES.slow, IMAGES.flaky, IMAGES.stubborn);

/** The manifests of a workload, with other replicas or another image. */
function applied(plans: readonly WorkloadPlan[]) {
  return fc
    .tuple(fc.constantFrom(...plans), fc.integer({ min: 1, max: 5 }), goodImage, fc.boolean())
    .map(([plan, replicas, image, changes]) => {
      const isJob = plan.kind === "Job" || plan.kind === "CronJob";
      return manifestsOf(isJob || !changes ? plan : { ...plan, replicas, image });
    });
}
