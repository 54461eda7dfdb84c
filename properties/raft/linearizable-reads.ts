import type { RequestId } from "../../models/kernel/index.ts";
import type { Index, MemberId } from "../../models/raft/types.ts";
import type { RaftProperty } from "./raft-property.ts";

/**
 * A read sees at least all that some client had been told, by an acknowledgement or by another read, when it was asked.
 *
 * All writes go through the log, so the state that a read sees is that of an index, and real-time order is a comparison
 * of indexes. What is told is known at the reply, in true time.
 */
export const linearizableReads: RaftProperty = {
  id: "raft/linearizable-reads",
  kind: "always",
  source:
    'Raft 8: "a read-only operation must not return stale data" (linearizable: "each operation appears to execute instantaneously, exactly once, at some point between its invocation and its response")',
  monitor(context) {
    let told: Index = 0;
    let toldBy: MemberId = "";
    /** By process index: the reads in progress, and what was told when they were asked. */
    const asked: Map<RequestId, Index>[] = [];

    return {
      onRequest(process, id, body) {
        if (body.kind !== "read") return;
        const reads = asked[process.index];
        if (reads === undefined) asked[process.index] = new Map([[id, told]]);
        else reads.set(id, told);
      },
      onReply(process, id, response) {
        if (response.kind === "committed") {
          if (response.index <= told) return;
          told = response.index;
          toldBy = process.id;
          return;
        }
        const reads = asked[process.index];
        const floor = reads?.get(id);
        if (floor !== undefined) reads!.delete(id);
        if (response.kind !== "read") return;
        const { appliedIndex, readIndex } = response;
        if (floor !== undefined && appliedIndex < floor)
          context.violate(
            `read ${id} at ${process.id} sees index ${appliedIndex}, but clients had been told of index ${floor} before it was asked`,
            { request: id, member: process.id, appliedIndex, readIndex, told: floor, latestToldBy: toldBy },
          );
        if (appliedIndex < readIndex)
          context.violate(
            `read ${id} at ${process.id} is answered at index ${appliedIndex}, before its read index ${readIndex} is applied`,
            { request: id, member: process.id, appliedIndex, readIndex },
          );
        if (appliedIndex <= told) return;
        told = appliedIndex;
        toldBy = process.id;
      },
      onCrash(process) {
        asked[process.index]?.clear();
      },
    };
  },
};
