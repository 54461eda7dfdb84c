import { NO_ANSWER, type Plugin, refusal } from "../framework/plugin.ts";
import { portsConflict } from "../framework/pod-info.ts";
import { SKIP, unschedulable } from "../framework/status.ts";

const TAKEN = unschedulable("node(s) didn't have free ports for the requested pod ports");

/** plugins/nodeports/node_ports.go. */
export const nodePorts: Plugin = {
  name: "NodePorts",
  preFilter: ({ pod }) => (pod.ports.length === 0 ? refusal(SKIP) : NO_ANSWER),
  filter: (_, { pod }, { usedPorts }) => {
    if (usedPorts.length === 0) return null;
    for (const port of pod.ports) if (portsConflict(port, usedPorts)) return TAKEN;
    return null;
  },
};
