import type { Service } from "../../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../../cluster/cluster-property.ts";
import type { Change } from "../../cluster/ledger.ts";
import { type Situation, sometimes } from "../../cluster/situation.ts";

/** It shows in a note of a process. */
const noted = (id: string, note: string, source: string): Situation => ({
  id: `network/sometimes/${id}`,
  source,
  watch: (reach) => ({
    concerns: { changes: [], messages: [], notes: [note] },
    onNote(_process, name) {
      if (name === note) reach();
    },
  }),
});

const SITUATIONS: readonly Situation[] = [
  noted(
    "flow-to-a-removed-endpoint-cleared",
    "proxy/conntrack/flow-to-a-removed-endpoint-cleared",
    "kubernetes pkg/proxy/conntrack/cleanup.go",
  ),
  noted("flow-without-a-target-cleared", "proxy/conntrack/flow-without-a-target-cleared", "kubernetes#105657"),
  noted("rejected-without-endpoints", "proxy/packet/rejected-no-endpoints", "kubernetes pkg/proxy/iptables/proxier.go"),
  noted("flow-followed", "proxy/packet/follows-its-flow", "Linux conntrack"),
  noted("connection-reset", "traffic/reset", "a pod's successor has its address"),
  noted("host-restarted-with-rules", "proxy/boot/the-host-was-restarted", "a kernel that starts has no rules"),
  {
    id: "network/sometimes/type-of-a-service-changed",
    source: "kubernetes pkg/registry/core/service/strategy.go, dropTypeDependentFields",
    changes: [
      "services",
      ({ before, after }: Change<Service>) => before !== null && after !== null && before.spec.type !== after.spec.type,
    ],
  },
];

/** What a campaign of the network must have come to. */
export const networkSituations: readonly ClusterProperty[] = SITUATIONS.map(sometimes);
