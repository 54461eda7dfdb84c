import type { Plugin } from "../framework/plugin.ts";
import { unresolvable } from "../framework/status.ts";

/** plugins/schedulinggates/scheduling_gates.go: a pod with gates is not tried. */
export const schedulingGates: Plugin = {
  name: "SchedulingGates",
  preEnqueue: ({ pod }) => {
    const gates = pod.spec.schedulingGates ?? [];
    if (gates.length === 0) return null;
    return unresolvable(`waiting for scheduling gates: [${gates.map(({ name }) => name).join(" ")}]`);
  },
};
