import { CLIENT_NOTES } from "../../../models/client/index.ts";
import type { StoreWorldTypes } from "../../../models/client/types.ts";
import { RAFT_NOTES } from "../../../models/raft/index.ts";
import { STORE_NOTES } from "../../../models/store/index.ts";
import { storeProperties } from "../../../properties/store/index.ts";
import type { Suite } from "../../harness/suite.ts";
import type { World } from "../../simulator/world.ts";
import { quorumExcuse } from "../shared/raft-members.ts";
import { storeScenario } from "./arbitrary.ts";
import { contradiction } from "./contradiction.ts";
import { EVERYTHING, perform } from "./requests.ts";
import {
  isClientId,
  type StoreOperation,
  type StoreScenario,
  StoreScenarioSchema,
  type StoreSystemSpec,
} from "./scenario.ts";
import { simplerOperations, simplerScenarios } from "./simplify.ts";
import { membersOf, storeSystem } from "./system.ts";

/** Clients give a sign of life every so many polls after the heal. */
const PROBE_POLLS = 10;

/** A replicated store and its clients: what they agree on, what clients see of it, and every fault of the simulator. */
export const storeSuite: Suite<StoreWorldTypes, StoreSystemSpec, StoreOperation> = {
  name: "store",
  summary: "an etcd-like store on Raft and its clients: transactions, leases, watches, compaction",
  schema: StoreScenarioSchema,
  profiles: {
    quick: { name: "quick", runs: 1500, chaosMsMax: 20_000, operationsMax: 40, faultsMax: 6, episodesMax: 6 },
    ci: { name: "ci", runs: 5000, chaosMsMax: 30_000, operationsMax: 60, faultsMax: 12, episodesMax: 8 },
    long: { name: "long", runs: 50_000, chaosMsMax: 60_000, operationsMax: 200, faultsMax: 40, episodesMax: 20 },
  },
  properties: storeProperties,
  // Nobody changes the membership here.
  rules: [...RAFT_NOTES.filter((name) => !name.startsWith("configuration/")), ...STORE_NOTES, ...CLIENT_NOTES],
  arbitrary: storeScenario as Suite<StoreWorldTypes, StoreSystemSpec, StoreOperation>["arbitrary"],
  contradiction: (scenario) => contradiction(scenario as StoreScenario),
  system: (scenario) => storeSystem(scenario as StoreScenario),
  perform,
  probe(world, poll) {
    if (poll % PROBE_POLLS === 0) probe(world, `probe${poll}`);
  },
  excuse: (world) => quorumExcuse(membersOf(world.processes)) ?? lostEndpoint(world),
  simplify: (scenario) => simplerScenarios(scenario as StoreScenario),
  simplifyOperation: simplerOperations,
};

/** A client that is to ask one member and no other, which is lost for good. */
function lostEndpoint({ processes }: World<StoreWorldTypes>): string | null {
  const dead = new Set(processes.filter(({ status }) => status === "dead").map(({ id }) => id));
  for (const { id, status, state } of dead.size === 0 ? [] : processes) {
    if (status !== "up" || state.kind !== "client") continue;
    for (const { work, queue } of state.sessions)
      for (const request of [...(work === null ? [] : [work.request]), ...queue.map((queued) => queued.request)])
        if (request.kind === "call" && request.endpoint !== null && dead.has(request.endpoint))
          return `${id} is to ask ${request.endpoint}, which is lost for good`;
  }
  return null;
}

/** A put by each client, and a linearizable read of all that there is. */
function probe(world: World<StoreWorldTypes>, id: string): void {
  const clients = world.processes.filter((process) => isClientId(process.id) && process.status === "up");
  for (const client of clients)
    world.request(client.id, `${id}.${client.id}`, {
      kind: "call",
      session: 0,
      request: { kind: "put", key: "probe", value: `${id}.${client.id}`, lease: 0, prevKv: false },
      endpoint: null,
    });
  if (clients.length > 0)
    world.request(clients[0]!.id, `${id}.all`, {
      kind: "call",
      session: 0,
      request: {
        kind: "range",
        ...EVERYTHING,
        limit: 0,
        revision: 0,
        serializable: false,
        keysOnly: false,
        countOnly: false,
      },
      endpoint: null,
    });
}
