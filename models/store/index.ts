import type { ClockReading, Input, Machine, Step } from "../kernel/index.ts";
import { storeDisk } from "./backend.ts";
import { boot, step } from "./member.ts";
import type {
  Command,
  CommandText,
  MemberConfig,
  MemberRules,
  MemberState,
  MemberTypes,
  RaftRules,
  StoreDurable,
} from "./types.ts";

export { STORE_NOTES } from "./notes.ts";
export { INITIAL_STORE } from "./state.ts";
export * from "./types.ts";

/** Commands as JSON. */
export const JSON_COMMANDS: CommandText = {
  read: (text) => JSON.parse(text) as Command,
  write: (command) => JSON.stringify(command),
};

/**
 * A member of a replicated key-value store with the semantics of etcd v3, on the Raft that is handed in.
 *
 * See the README for the rules, and for what is not modelled.
 *
 * @param commands a member changes nothing of what it reads
 */
export function storeMember(raft: RaftRules, commands: CommandText = JSON_COMMANDS): Machine<MemberTypes> {
  const rules: MemberRules = { ...raft, commands };
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
