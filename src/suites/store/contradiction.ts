import { type Contradiction, Names } from "../shared/names.ts";
import { raftConfigContradiction } from "../shared/raft-config.ts";
import { ROLE_NAMES } from "../shared/raft-members.ts";
import { clientIdsOf, memberIdsOf, type StoreOperation, type StoreScenario, type StoreSystemSpec } from "./scenario.ts";
import { CLIENT_ROLE_NAMES } from "./system.ts";

/** What contradicts itself in a scenario that fits the schema: somebody who is not there, durations out of order. */
export function contradiction({ system, workload, faults, phases }: StoreScenario): Contradiction | null {
  const processes = [...memberIdsOf(system), ...clientIdsOf(system)];
  const members = new Names([...memberIdsOf(system), ...ROLE_NAMES]);
  const clients = new Names([...clientIdsOf(system), ...CLIENT_ROLE_NAMES]);
  const all = new Names([...processes, ...ROLE_NAMES, ...CLIENT_ROLE_NAMES]);
  const inConfig = raftConfigContradiction(system.config) ?? clientConfigContradiction(system);
  if (inConfig !== null) return inConfig;
  for (const [index, operation] of workload.entries()) {
    const found = operationContradiction(operation, index, system, members, clients);
    if (found !== null) return found;
    const at = all.unknown(["workload", index, "on", "process"], operation.on?.process);
    if (at !== null) return at;
  }
  return all.unknownInFaults(faults) ?? new Names(processes).unknownInList(["phases", "stayDown"], phases.stayDown);
}

function clientConfigContradiction({ client }: StoreSystemSpec): Contradiction | null {
  if (client.backoffMaxMs < client.backoffMs)
    return { path: ["system", "client", "backoffMaxMs"], message: "Expected at least backoffMs" };
  return null;
}

function operationContradiction(
  operation: StoreOperation,
  index: number,
  { client: { sessions } }: StoreSystemSpec,
  members: Names,
  clients: Names,
): Contradiction | null {
  const path = ["workload", index];
  const waits = operation.on !== undefined;
  if ("to" in operation) {
    const found = members.unknown([...path, "to"], operation.to, waits);
    if (found !== null) return found;
  }
  if (operation.kind === "moveLeader") return members.unknown([...path, "target"], operation.target, waits);
  if (operation.kind === "defragment") return null;
  const stranger = clients.unknown([...path, "client"], operation.client, waits);
  if (stranger !== null) return stranger;
  if (operation.session >= sessions)
    return { path: [...path, "session"], message: `Expected less than system.client.sessions, ${sessions}` };
  if (operation.kind !== "txn") return null;
  for (const [i, { target, operand }] of operation.compare.entries())
    if ((typeof operand === "string") !== (target === "value"))
      return {
        path: [...path, "compare", i, "operand"],
        message: `Expected ${target === "value" ? "text" : "a number"} to compare ${target} with`,
      };
  return null;
}
