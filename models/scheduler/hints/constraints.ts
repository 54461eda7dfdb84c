import type { Pod, TopologySpreadConstraint } from "../../machinery/kinds/index.ts";

/** The spread constraints that a pod must meet. The system's own are wishes. */
export function hardConstraints({ spec }: Pod): readonly TopologySpreadConstraint[] {
  return (spec.topologySpreadConstraints ?? []).filter(
    ({ whenUnsatisfiable }) => whenUnsatisfiable !== "ScheduleAnyway",
  );
}
