import { expect, test } from "vitest";
import { raftRules } from "../raft/index.ts";
import { note } from "./notes.ts";
import { StoreCluster } from "./testing/cluster.ts";
import { put } from "./testing/commands.ts";

/** A leader alone, and how often it took or refused what was passed on to it. */
function leader() {
  const counts = { taken: 0, duplicate: 0 };
  const cluster = new StoreCluster(raftRules, (_id, _before, _after, effects) => {
    for (const effect of effects) {
      if (effect.kind !== "note") continue;
      if (effect.name === note.forwardTaken.name) counts.taken++;
      if (effect.name === note.forwardDuplicate.name) counts.duplicate++;
    }
  });
  cluster.form(["a"]);
  cluster.fire("a", "election");
  const { currentTerm: term } = cluster.state("a").raft;
  const forward = (number: number) => {
    const id = `b@0/${number}`;
    const command = JSON.stringify({ id, op: put("k", `${number}`) });
    cluster.receive("a", "b", { kind: "forward", term, id, command });
    cluster.network = [];
  };
  return { cluster, counts, forward };
}

test("what is passed on is taken once, and what is remembered of it does not grow with the term", () => {
  const { cluster, counts, forward } = leader();
  for (let number = 1; number <= 5000; number++) {
    forward(number);
    // The second copy comes late, after hundreds of others.
    if (number > 900) forward(number - 900);
  }
  expect(counts).toEqual({ taken: 5000, duplicate: 4100 });
  const { ids, earlier } = cluster.state("a").server.forwarded;
  expect(ids.size + earlier.size).toBeLessThanOrEqual(2000);
});
