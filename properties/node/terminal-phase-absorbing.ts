import type { Pod } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../cluster/ledger.ts";
import { isTerminal, phaseOf } from "../cluster/objects.ts";

/** S37. A pod that has succeeded or failed stays so for as long as its UID lives. */
export const terminalPhaseAbsorbing: ClusterProperty = {
  id: "node/terminal-phase-absorbing",
  kind: "always",
  source:
    "kubernetes pkg/kubelet/status/status_manager.go, checkContainerStateTransition and mergePodStatus; kubernetes#54499, #58711, #125410",
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    ledger.on<Pod>("pods", ({ key, before, after, revision }) => {
      if (before === null || after === null || !isTerminal(before)) return;
      if (before.metadata.uid !== after.metadata.uid || phaseOf(before) === phaseOf(after)) return;
      context.violate(`the phase of pod ${key} goes from ${phaseOf(before)} to ${phaseOf(after)}`, {
        uid: after.metadata.uid,
        revision,
      });
    });
    return ledger.with();
  },
};
