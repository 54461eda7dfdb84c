import type { Plugin } from "../framework/plugin.ts";
import { unresolvable } from "../framework/status.ts";

/** plugins/nodename/node_name.go: a pod that names its node can be nowhere else. */
export const nodeName: Plugin = {
  name: "NodeName",
  canRefuse: ({ pod }) => (pod.pod.spec.nodeName ?? "") !== "",
  filter: (_, { pod }, info) => {
    const { nodeName: wanted } = pod.pod.spec;
    return wanted === undefined || wanted === "" || wanted === info.name ? null : OTHER_NODE;
  },
};

const OTHER_NODE = unresolvable("node(s) didn't match the requested node name");
