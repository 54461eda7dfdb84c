import type { PersistentVolume, PersistentVolumeClaim } from "../../models/machinery/kinds/index.ts";
import type { ClusterProperty } from "../cluster/cluster-property.ts";
import { type Change, clusterLedgerOf } from "../cluster/ledger.ts";

/** S11. A volume is one claim's: no second claim is bound to it, and it is not taken from one and given to another at a stroke. */
export const volumeHasOneClaim: ClusterProperty = {
  id: "scheduler/volume-has-one-claim",
  kind: "always",
  source:
    'kubernetes concepts, Persistent Volumes: "A PVC to PV binding is a one-to-one mapping"; pkg/controller/volume/persistentvolume/pv_controller.go, bind; kubernetes#16432',
  monitor(context) {
    const ledger = clusterLedgerOf(context);
    ledger.on("persistentvolumeclaims", ({ key, before, after }: Change<PersistentVolumeClaim>) => {
      const name = after?.spec.volumeName ?? "";
      if (name === "" || name === before?.spec.volumeName) return;
      for (const { key: other, object } of ledger.all<PersistentVolumeClaim>("persistentvolumeclaims").values())
        if (other !== key && object.spec.volumeName === name)
          return context.violate(`the claims ${other} and ${key} are both bound to volume ${name}`, {
            claims: [other, key],
          });
    });
    ledger.on("persistentvolumes", ({ key, before, after }: Change<PersistentVolume>) => {
      const one = before?.spec.claimRef?.uid ?? "";
      const two = after?.spec.claimRef?.uid ?? "";
      if (one !== "" && two !== "" && one !== two)
        context.violate(`volume ${key} is given from claim ${one} to claim ${two} at a stroke`, { from: one, to: two });
    });
    return ledger.with();
  },
};
