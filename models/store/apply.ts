import { unreachable } from "../kernel/index.ts";
import { applyCompact } from "./compaction.ts";
import { applyLeaseCheckpoint, applyLeaseGrant, applyLeaseRevoke } from "./leases.ts";
import { type Applied, refused } from "./state.ts";
import { applyTxn } from "./txn.ts";
import type { Command, StoreState } from "./types.ts";
import { applyDeleteRange, applyPut } from "./write.ts";

/**
 * Applies a command of the log. The state tells which commands it contains, in the same value as what they did, so that
 * one is never applied twice and never passed over, wherever a restart begins (etcd#13766).
 *
 * @returns the state after it, and the response; where the state has the command already, it stays as it is, and what
 *   came of the command is not known any more ("timeout")
 */
export function applyCommand(state: StoreState, command: Command, index: number): Applied {
  if (index <= state.consistentIndex) return refused(state, "timeout");
  const { op } = command;
  const indexed = withIndex(state, index);
  switch (op.kind) {
    case "put":
      return applyPut(indexed, op);
    case "deleteRange":
      return applyDeleteRange(indexed, op);
    case "txn":
      return applyTxn(indexed, op);
    case "compact":
      return applyCompact(indexed, op);
    case "leaseGrant":
      return applyLeaseGrant(indexed, op);
    case "leaseRevoke":
      return applyLeaseRevoke(indexed, op);
    case "leaseCheckpoint":
      return applyLeaseCheckpoint(indexed, op);
    default:
      return unreachable(op);
  }
}

/** A command that is refused is applied, too. */
function withIndex(state: StoreState, consistentIndex: number): StoreState {
  return {
    consistentIndex,
    revision: state.revision,
    compactRevision: state.compactRevision,
    scrubbedRevision: state.scrubbedRevision,
    keys: state.keys,
    events: state.events,
    eventsFrom: state.eventsFrom,
    leases: state.leases,
  };
}
