import { RAFT_NOTES } from "../../../models/raft/index.ts";
import { raftProperties } from "../../../properties/raft/index.ts";
import { requestId } from "../../harness/run.ts";
import type { Suite } from "../../harness/suite.ts";
import type { World } from "../../simulator/world.ts";
import { type Contradiction, Names } from "../shared/names.ts";
import { raftConfigContradiction } from "../shared/raft-config.ts";
import { quorumExcuse, ROLE_NAMES } from "../shared/raft-members.ts";
import { raftScenario } from "./arbitrary.ts";
import {
  memberIdsOf,
  type RaftOperation,
  type RaftScenario,
  RaftScenarioSchema,
  type RaftSystemSpec,
} from "./scenario.ts";
import { simplerSystems } from "./simplify.ts";
import { disruptiveServer, raftSystem, type Types } from "./system.ts";

/** A fresh proposal is made every so many polls after the heal. */
const PROBE_POLLS = 5;

/** Raft alone: its members, their clients, and every fault of the simulator. */
export const raftSuite: Suite<Types, RaftSystemSpec, RaftOperation> = {
  name: "raft",
  summary: "Raft with pre-vote, joint consensus, learners, snapshots and linearizable reads",
  schema: RaftScenarioSchema,
  profiles: {
    quick: { name: "quick", runs: 6000, chaosMsMax: 20_000, operationsMax: 20, faultsMax: 6, episodesMax: 4 },
    ci: { name: "ci", runs: 10_000, chaosMsMax: 30_000, operationsMax: 40, faultsMax: 12, episodesMax: 6 },
    long: { name: "long", runs: 100_000, chaosMsMax: 120_000, operationsMax: 200, faultsMax: 40, episodesMax: 20 },
  },
  properties: raftProperties,
  rules: RAFT_NOTES,
  arbitrary: raftScenario as Suite<Types, RaftSystemSpec, RaftOperation>["arbitrary"],
  contradiction: (scenario) => contradiction(scenario as RaftScenario),
  system: (scenario) => raftSystem(scenario as RaftScenario),
  perform,
  probe(world, poll) {
    if (poll % PROBE_POLLS !== 0) return;
    const leader = world.resolve("leader");
    if (leader !== null) world.request(leader.id, `probe${poll}`, { kind: "propose", command: `probe${poll}` });
  },
  excuse(world) {
    const quorum = quorumExcuse(world.processes);
    if (quorum !== null) return quorum;
    const disruptive = disruptiveServer(world.processes);
    return disruptive === null ? null : `${disruptive} was removed, does not know it, and deposes every leader`;
  },
  simplify: (scenario) => simplerSystems(scenario as RaftScenario),
};

function perform(world: World<Types>, operation: RaftOperation, index: number, self: string | null): void {
  const to = operation.to === "self" ? self : world.resolve(operation.to)?.id;
  if (to === undefined || to === null) {
    world.tell(() => `operation ${index}: there is no ${operation.to}`);
    return;
  }
  switch (operation.kind) {
    case "propose":
      for (let i = 0; i < operation.count; i++)
        world.request(to, requestId(index, i), {
          kind: "propose",
          command: i === 0 ? operation.command : `${operation.command}.${i}`,
        });
      return;
    case "changeMembership":
      world.request(to, requestId(index, 0), {
        kind: "changeMembership",
        changes: operation.changes,
        joint: operation.joint,
      });
      return;
    case "transferLeadership":
      world.request(to, requestId(index, 0), { kind: "transferLeadership", to: operation.target });
      return;
    case "read":
    case "leaveJoint":
      world.request(to, requestId(index, 0), { kind: operation.kind });
  }
}

/** What contradicts itself in a scenario that fits the schema: a member that is not there, timeouts out of order. */
function contradiction({ system, workload, faults, phases }: RaftScenario): Contradiction | null {
  const members = new Names(memberIdsOf(system));
  const names = new Names([...memberIdsOf(system), ...ROLE_NAMES]);
  const inConfig = raftConfigContradiction(system.config);
  if (inConfig !== null) return inConfig;
  for (const [i, operation] of workload.entries()) {
    const named: [string, string][] = [["to", operation.to]];
    if (operation.kind === "transferLeadership") named.push(["target", operation.target]);
    const found = names.unknownInOperation(operation, i, named);
    if (found !== null) return found;
    if (operation.kind !== "changeMembership") continue;
    for (const [j, { member }] of operation.changes.entries()) {
      const stranger = members.unknown(["workload", i, "changes", j, "member"], member);
      if (stranger !== null) return stranger;
    }
  }
  return names.unknownInFaults(faults) ?? members.unknownInList(["phases", "stayDown"], phases.stayDown);
}
