import type { ClockReading, Input, Machine, Step } from "../kernel/index.ts";
import { storeDisk } from "./backend.ts";
import { boot, step } from "./member.ts";
import type { Command, MemberConfig, MemberRules, MemberState, MemberTypes, RaftRules, StoreDurable } from "./types.ts";

export { STORE_NOTES } from "./notes.ts";
export { INITIAL_STORE } from "./state.ts";
export * from "./types.ts";

/**
 * A member of a replicated key-value store with the semantics of etcd v3, on the Raft that is handed in.
 *
 * See the README for the rules, and for what is not modelled.
 *
 * @param readCommand as JSON.parse; a member changes nothing of what it gives
 */
export function storeMember(
  raft: RaftRules,
  readCommand: MemberRules["readCommand"] = parseCommand,
): Machine<MemberTypes> {
  const rules: MemberRules = { ...raft, readCommand };
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

function parseCommand(text: string): Command {
  return JSON.parse(text) as Command;
}
