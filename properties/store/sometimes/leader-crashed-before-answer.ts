import type { ProcessId, RequestId } from "../../../models/kernel/index.ts";
import { callSituation } from "./from-calls.ts";

/** A member that took a call crashes when it has applied it, and before the answer goes out. */
export const leaderCrashedBeforeAnswer = callSituation(
  "leader-crashed-before-answer",
  'Raft 8: "if the leader crashes after committing the log entry but before responding to the client"',
  (context, ledger) => {
    /** Calls that the member that took them was the first to apply, and has not answered. */
    const unanswered = new Map<RequestId, ProcessId>();
    return {
      applied({ command, member }) {
        if (ledger.recorder.openCall(command.id)?.server === member) unanswered.set(command.id, member);
      },
      own: {
        concerns: { changes: [], messages: ["answer"], notes: [] },
        onSend(_process, _to, message) {
          if (message.kind === "answer") unanswered.delete(message.id);
        },
        onCrash({ id: crashed }) {
          for (const [id, member] of unanswered) {
            if (member !== crashed) continue;
            unanswered.delete(id);
            context.reach();
          }
        },
      },
    };
  },
);
