import { RAFT_NOTES } from "../../../models/raft/index.ts";
import { raftProperties } from "../../../properties/raft/index.ts";
import { requestId } from "../../harness/run.ts";
import type { Suite } from "../../harness/suite.ts";
import type { World } from "../../simulator/world.ts";
import { raftScenario } from "./arbitrary.ts";
import {
  memberIdsOf,
  type RaftOperation,
  type RaftScenario,
  RaftScenarioSchema,
  type RaftSystemSpec,
} from "./scenario.ts";
import { simplerSystems } from "./simplify.ts";
import { disruptiveServer, quorumLost, ROLE_NAMES, raftSystem, type Types } from "./system.ts";

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
    const dead = new Set(world.processes.filter(({ status }) => status === "dead").map(({ id }) => id));
    const living = world.processes.filter(({ status }) => status !== "dead");
    const half = dead.size === 0 ? null : quorumLost(dead, living);
    if (half !== null) return `no quorum of ${half.join(", ")} is left: ${[...dead].join(", ")} are lost for good`;
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
function contradiction({
  system,
  workload,
  faults,
  phases,
}: RaftScenario): { path: (string | number)[]; message: string } | null {
  const { config } = system;
  const members = memberIdsOf(system);
  const known = new Set<string>([...members, ...ROLE_NAMES]);
  const unknownName = (path: (string | number)[], name: string | undefined, self = false) =>
    name === undefined || known.has(name) || (self && name === "self")
      ? null
      : { path, message: `Expected one of ${[...known, ...(self ? ["self"] : [])].join(", ")}, not ${name}` };
  if (config.electionTimeoutMaxMs < config.electionTimeoutMs)
    return { path: ["system", "config", "electionTimeoutMaxMs"], message: "Expected at least electionTimeoutMs" };
  if (config.heartbeatIntervalMs >= config.electionTimeoutMs)
    return { path: ["system", "config", "heartbeatIntervalMs"], message: "Expected less than electionTimeoutMs" };
  if (config.readMode === "lease" && !config.checkQuorum)
    return {
      path: ["system", "config", "readMode"],
      message: "Expected readIndex where checkQuorum is off: leases need it",
    };
  for (const [i, operation] of workload.entries()) {
    const named: [string | number, string][] = [["to", operation.to]];
    if (operation.kind === "transferLeadership") named.push(["target", operation.target]);
    for (const [key, name] of named) {
      const found = unknownName(["workload", i, key], name, operation.on !== undefined);
      if (found !== null) return found;
    }
    const at = unknownName(["workload", i, "on", "process"], operation.on?.process);
    if (at !== null) return at;
    if (operation.kind !== "changeMembership") continue;
    for (const [j, { member }] of operation.changes.entries())
      if (!members.includes(member))
        return {
          path: ["workload", i, "changes", j, "member"],
          message: `Expected one of ${members.join(", ")}, not ${member}`,
        };
  }
  for (const [i, fault] of faults.entries()) {
    const named: [(string | number)[], string][] = [];
    if ("target" in fault) named.push([["target"], fault.target]);
    if ("from" in fault) named.push([["from"], fault.from], [["to"], fault.to]);
    if ("side" in fault) for (const [j, name] of fault.side.entries()) named.push([["side", j], name]);
    for (const [path, name] of named) {
      const found = unknownName(["faults", i, ...path], name, fault.on !== undefined);
      if (found !== null) return found;
    }
    const at = unknownName(["faults", i, "on", "process"], fault.on?.process);
    if (at !== null) return at;
  }
  for (const [i, id] of phases.stayDown.entries())
    if (!members.includes(id))
      return { path: ["phases", "stayDown", i], message: `Expected one of ${members.join(", ")}, not ${id}` };
  return null;
}
