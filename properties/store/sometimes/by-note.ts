import { note as clientNote } from "../../../models/client/notes.ts";
import type { Note } from "../../../models/kernel/index.ts";
import { note as raftNote } from "../../../models/raft/notes.ts";
import { note } from "../../../models/store/notes.ts";
import type { StoreProperty } from "../store-property.ts";

/** Situations that a member or a client notes itself, by the rule that it takes in them. */
const NOTED: readonly (readonly [id: string, noted: Note, source: string])[] = [
  ["backend-ahead-of-snapshot", note.backendAheadOfSnapshot, "etcd, consistent index; etcd#13766"],
  ["read-by-lease-served", raftNote.readLeaseServed, "Raft thesis 6.4.1, using clocks"],
  ["read-of-compacted", note.readCompacted, "etcd, data model: compaction"],
  ["forward-came-twice", note.forwardDuplicate, "etcd raft: MsgProp is forwarded, and a network may duplicate"],
  ["read-waits-for-next-batch", note.readBatchJoined, "etcd, linearizableReadLoop; etcd#20418"],
  ["cas-conflict", clientNote.casConflict, "etcd, clientv3/concurrency, STM: retries on conflict"],
  ["transfer-not-enough", clientNote.transferNotEnough, "Jepsen, bank: no account goes below zero"],
  ["set-element-found", clientNote.setAddFound, "Raft 8: the client of a call without an answer looks what came of it"],
  ["queue-found-empty", clientNote.queueEmpty, "etcd, contrib/recipes, queue.go: Dequeue"],
  ["leader-proclaimed", clientNote.lockProclaimed, "etcd, clientv3/concurrency, Election.Proclaim"],
];

/** One `sometimes` property for each situation that is noted. */
export const notedSituations: readonly StoreProperty[] = NOTED.map(([id, { name }, source]) => ({
  id: `store/sometimes/${id}`,
  kind: "sometimes",
  source,
  monitor: (context) => ({
    concerns: { changes: [], messages: [], notes: [name] },
    onNote(_process, noted) {
      if (noted === name) context.reach();
    },
  }),
}));
