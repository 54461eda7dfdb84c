import type { ClockReading, Input, Machine, Step } from "../kernel/index.ts";
import { storeDisk } from "./backend.ts";
import { boot, step } from "./member.ts";
import type { MemberConfig, MemberState, MemberTypes, RaftRules, StoreDurable } from "./types.ts";

export { STORE_NOTES } from "./notes.ts";
export { INITIAL_STORE } from "./state.ts";
export * from "./types.ts";

/**
 * A member of a replicated key-value store with the semantics of etcd v3, on the Raft that is handed in.
 *
 * See the README for the rules, and for what is not modelled.
 */
export function storeMember(rules: RaftRules): Machine<MemberTypes> {
  return {
    boot(durable: StoreDurable, config: MemberConfig, clock: ClockReading): Step<MemberTypes> {
      return boot(rules, durable, config, clock);
    },
    step(state: MemberState, input: Input<MemberTypes>): Step<MemberTypes> {
      return step(rules, state, input);
    },
    disk: storeDisk(rules),
  };
}
