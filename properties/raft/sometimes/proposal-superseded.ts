import type { RaftProperty } from "../raft-property.ts";

/** A client is told that another entry was committed in the place of its proposal. */
export const proposalSuperseded: RaftProperty = {
  id: "raft/sometimes/proposal-superseded",
  kind: "sometimes",
  source: "Raft 5.3; fig. 7, followers may have uncommitted entries that are overwritten",
  monitor: (context) => ({
    onReply(_process, _id, response) {
      if (response.kind === "superseded") context.reach();
    },
  }),
};
