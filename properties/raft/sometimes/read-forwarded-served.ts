import type { RaftProperty } from "../raft-property.ts";

/** A follower answers a read with what the leader told it of its commit index. */
export const readForwardedServed: RaftProperty = {
  id: "raft/sometimes/read-forwarded-served",
  kind: "sometimes",
  source: "Raft thesis 6.4: followers can help offload the processing of read-only queries",
  monitor: (context) => ({
    onReply(process, _id, response) {
      if (response.kind === "read" && process.state.role !== "leader") context.reach();
    },
  }),
};
