import { storeClient } from "../../../models/client/index.ts";
import type { ClientConfig, ClientState, StoreWorldTypes } from "../../../models/client/types.ts";
import type { Machine } from "../../../models/kernel/index.ts";
import { type Configuration, raftRules } from "../../../models/raft/index.ts";
import { storeMember } from "../../../models/store/index.ts";
import type { MemberConfig, MemberState } from "../../../models/store/types.ts";
import type { ProcessView, System } from "../../simulator/system.ts";
import { COMMANDS } from "../shared/commands.ts";
import { raftConfigOf, us } from "../shared/raft-config.ts";
import { quorumLost, RAFT_FIELDS, type RaftMember, raftChanged, resolveRole } from "../shared/raft-members.ts";
import { digestMessage, digestState } from "./digest.ts";
import { clientIdsOf, isClientId, memberIdsOf, type StoreScenario } from "./scenario.ts";

/** The roles that a scenario may name instead of a client: `holder` is the first that holds a lock, so far as it knows. */
export const CLIENT_ROLE_NAMES = ["holder"] as const;

// A process is only ever given what is its own: its messages, records and configuration. The types of the world are the
// unions over both kinds of process, and cannot say so.
const member = storeMember(raftRules, COMMANDS) as unknown as Machine<StoreWorldTypes>;
const client = storeClient as unknown as Machine<StoreWorldTypes>;

/** The members of a scenario and then its clients, each on a host of its own. */
export function storeSystem(scenario: StoreScenario): System<StoreWorldTypes> {
  const { system } = scenario;
  const members = memberIdsOf(system);
  const clients = clientIdsOf(system);
  const initial: Configuration = { voters: members, votersOutgoing: [], learners: [], learnersNext: [] };
  return {
    processes: [
      ...members.map((id) => ({
        id,
        host: `host-${id}`,
        machine: member,
        config: memberConfig(scenario, id, initial),
      })),
      ...clients.map((id, index) => ({
        id,
        host: `host-${id}`,
        machine: client,
        config: clientConfig(
          scenario,
          id,
          [...members.slice(index % members.length), ...members].slice(0, members.length),
        ),
      })),
    ],
    // gRPC; members find a new connection to one another by themselves.
    connected: (from, to) => isClientId(from) || isClientId(to),
    messageKind: (message) => message.kind,
    digestMessage,
    digestState,
    fields: [...RAFT_FIELDS, ...MEMBER_FIELDS, ...CLIENT_FIELDS],
    changed,
    resolve: (role, processes) =>
      role === "holder" ? firstHolder(processes) : resolveRole(role, membersOf(processes)),
    survives: (lost, processes) => quorumLost(lost, membersOf(processes)) === null,
  };
}

function memberConfig({ system }: StoreScenario, id: string, initial: Configuration): MemberConfig {
  const { config } = system;
  return {
    kind: "member",
    raft: raftConfigOf(config, id, initial),
    forwardProposals: config.forwardProposals,
    requestTimeoutUs: us(config.requestTimeoutMs),
    readRetryIntervalUs: us(config.readRetryIntervalMs),
    backendBatchIntervalUs: us(config.backendBatchIntervalMs),
    backendBatchLimit: config.backendBatchLimit,
    scrubDelayUs: us(config.scrubDelayMs),
    leaseCheckIntervalUs: us(config.leaseCheckIntervalMs),
    leaseCheckpointIntervalUs: us(config.leaseCheckpointIntervalMs),
    leaseTtlMinUs: us(config.leaseTtlMinMs),
    watchSyncIntervalUs: us(config.watchSyncIntervalMs),
    watchProgressIntervalUs: us(config.watchProgressIntervalMs),
    watchWindow: config.watchWindow,
    watchBatchRevisionsMax: config.watchBatchRevisionsMax,
    watchFragmentEvents: config.watchFragmentEvents,
    watchStreamTimeoutUs: us(config.watchStreamTimeoutMs),
    txnOpsMax: config.txnOpsMax,
  };
}

function clientConfig({ system }: StoreScenario, id: string, endpoints: readonly string[]): ClientConfig {
  const { client: spec, config } = system;
  return {
    kind: "client",
    id,
    endpoints,
    sessions: spec.sessions,
    requestTimeoutUs: us(spec.requestTimeoutMs),
    backoffUs: us(spec.backoffMs),
    backoffMaxUs: us(spec.backoffMaxMs),
    attemptsMax: spec.attemptsMax,
    watchSilenceUs: us(spec.watchSilenceMs),
    clockDriftBound: config.clockDriftBound,
  };
}

/** The members of a world, as Raft sees them. */
export function membersOf(processes: readonly ProcessView<StoreWorldTypes>[]): RaftMember[] {
  return processes
    .filter(({ id }) => !isClientId(id))
    .map(({ id, status, state }) => ({ id, status, state: (state as MemberState | null)?.raft ?? null }));
}

function firstHolder(processes: readonly ProcessView<StoreWorldTypes>[]): string | null {
  const holds = ({ status, state }: ProcessView<StoreWorldTypes>) =>
    status === "up" && state?.kind === "client" && state.sessions.some(({ lease }) => (lease?.holds ?? null) !== null);
  return processes.find(holds)?.id ?? null;
}

/** What observers may name of a member's state beside Raft's fields, and of a client's: 16 of all together. */
const MEMBER_FIELDS = ["server", "waits", "reads", "lessor", "watchers"] as const;
const CLIENT_FIELDS = ["sessions", "watches"] as const;

function changed(before: StoreWorldTypes["state"], after: StoreWorldTypes["state"]): number {
  if (before === after) return 0;
  return after.kind === "member"
    ? memberChanged(before as MemberState, after)
    : clientChanged(before as ClientState, after);
}

function memberChanged(before: MemberState, after: MemberState): number {
  const raft = raftChanged(before.raft, after.raft);
  const [old, server] = [before.server, after.server];
  if (old === server) return raft;
  return (
    raft |
    512 |
    (old.waits === server.waits ? 0 : 1024) |
    (old.reads === server.reads ? 0 : 2048) |
    (old.lessor === server.lessor ? 0 : 4096) |
    (old.watchers === server.watchers ? 0 : 8192)
  );
}

function clientChanged(before: ClientState, after: ClientState): number {
  return (before.sessions === after.sessions ? 0 : 16384) | (before.watches === after.watches ? 0 : 32768);
}
