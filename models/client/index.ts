import { type ClockReading, type Input, type Machine, ModelBug, type Step } from "../kernel/index.ts";
import { boot } from "./boot.ts";
import { step } from "./step.ts";
import type { ClientConfig, ClientState, ClientTypes } from "./types.ts";

export { CLIENT_NOTES } from "./notes.ts";
export type * from "./types.ts";

/**
 * A client of the store: sessions that call its members, keep leases alive and watch, and do what clients of etcd do with
 * that (clientv3 and clientv3/concurrency); see the README for the rules, and for what is not modelled.
 */
export const storeClient: Machine<ClientTypes> = {
  boot(_durable: null, config: ClientConfig, clock: ClockReading): Step<ClientTypes> {
    return boot(config, clock);
  },
  step(state: ClientState, input: Input<ClientTypes>): Step<ClientTypes> {
    return step(state, input);
  },
  disk: {
    empty: null,
    write: nothingIsWritten,
    pieces: nothingIsWritten,
  },
};

/** A client keeps nothing on disk. */
function nothingIsWritten(): never {
  throw new ModelBug("a client keeps nothing on disk");
}
