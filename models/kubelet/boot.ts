import { type BootReading, emptyOrderedMap, type Step } from "../kernel/index.ts";
import { Api } from "../machinery/client/api.ts";
import { fnv32a } from "../machinery/hash.ts";
import { EMPTY_AGENDA } from "./agenda.ts";
import { relist } from "./cri.ts";
import { EVICTION_DUE } from "./eviction.ts";
import { LEASE_DUE } from "./lease.ts";
import { NODE_DUE } from "./node.ts";
import { KubeletTurn } from "./turn.ts";
import type { KubeletConfig, KubeletTypes } from "./types.ts";

/** A kubelet knows nothing when it starts: pods come from the API, and what runs from the runtime. */
export function boot(config: KubeletConfig, reading: BootReading): Step<KubeletTypes> {
  const turn = new KubeletTurn(
    {
      kind: "kubelet",
      config,
      api: Api.boot(config.api, reading.now),
      bootedNow: reading.now,
      workers: emptyOrderedMap(),
      reports: emptyOrderedMap(),
      unreported: [],
      reporting: "",
      doubtful: [],
      runtime: {
        incarnation: -1,
        version: -1,
        isSynced: false,
        runtime: "docker",
        restartUnit: "container",
        pods: emptyOrderedMap(),
        images: [],
        podCIDR: "",
        heardNow: reading.now,
      },
      calls: emptyOrderedMap(),
      node: {
        isRegistered: false,
        isBusy: false,
        failures: 0,
        leaseIsBusy: false,
        lease: null,
        leaseFailures: 0,
        reportedNow: -1,
        memoryPressure: false,
        pressureNow: 0,
      },
      agenda: EMPTY_AGENDA,
      ids: 0,
      timerNow: 0,
    },
    reading,
  );
  turn.api.start();
  turn.send(config.runtime, { kind: "criConnect" });
  relist(turn);
  // Nodes that start together do not tell of themselves together.
  const phase = (fnv32a(config.node) % 1000) / 1000;
  turn.due(NODE_DUE, turn.now + 1);
  turn.due(LEASE_DUE, turn.now + 1 + Math.floor((phase * config.leaseRenewUs) / 10));
  turn.due(EVICTION_DUE, turn.now + config.evictionUs);
  const state = turn.finish();
  return { state, effects: turn.effects };
}
