import type { ClientTypes, StoreWorldTypes } from "../../models/client/types.ts";
import type { Input } from "../../models/kernel/index.ts";
import type { RaftMessage, RaftTypes } from "../../models/raft/types.ts";
import type { MemberTypes, StoreMessage } from "../../models/store/types.ts";
import type { Monitor, MonitorContext, Property } from "../../src/checkers/property.ts";
import type { ProcessView } from "../../src/simulator/system.ts";
import type { Member as RaftMember, RaftProperty } from "../raft/raft-property.ts";

/** A property of a store: of its members and of the clients that talk to them. */
export type StoreProperty = Property<StoreWorldTypes>;

/** What its monitor may see and say. */
export type StoreContext = MonitorContext<StoreWorldTypes>;

/** A member or a client as a property sees it. */
export type StoreProcess = ProcessView<StoreWorldTypes>;
export type Member = ProcessView<MemberTypes>;
export type Client = ProcessView<ClientTypes>;

export type MemberState = MemberTypes["state"];
export type ClientState = ClientTypes["state"];
export type StoreInput = Input<StoreWorldTypes>;

/** Whether a process is a member of the store. */
export function isMember(process: StoreProcess): process is Member {
  return process.config.kind === "member";
}

/** Whether a process is a client. */
export function isClient(process: StoreProcess): process is Client {
  return process.config.kind === "client";
}

/** Whether a process is up and takes itself for the leader. */
export function isLeading(process: StoreProcess): process is Member {
  return isMember(process) && process.status === "up" && process.state.raft.role === "leader";
}

/** The members among some processes, in their order. */
export function membersOf(processes: readonly StoreProcess[]): readonly Member[] {
  return processes.filter(isMember);
}

/** The clients among some processes, in their order. */
export function clientsOf(processes: readonly StoreProcess[]): readonly Client[] {
  return processes.filter(isClient);
}

const RAFT_MESSAGES = {
  requestPreVote: true,
  requestPreVoteReply: true,
  requestVote: true,
  requestVoteReply: true,
  appendEntries: true,
  appendEntriesReply: true,
  installSnapshot: true,
  installSnapshotReply: true,
  timeoutNow: true,
  readIndex: true,
  readIndexReply: true,
} as const satisfies Record<RaftMessage<unknown>["kind"], true>;

/** Whether a message is one of Raft's. */
export function isRaftMessage(message: StoreMessage): message is Extract<StoreMessage, RaftMessage<unknown>> {
  return message.kind in RAFT_MESSAGES;
}

/** A member's Raft, as a property of Raft sees a member. */
class RaftView implements RaftMember {
  readonly id: string;
  readonly index: number;
  readonly host: string;
  readonly config: RaftMember["config"];
  readonly #member: Member;

  constructor(member: Member) {
    this.#member = member;
    this.id = member.id;
    this.index = member.index;
    this.host = member.host;
    this.config = member.config.raft;
  }

  get status(): RaftMember["status"] {
    return this.#member.status;
  }

  get incarnation(): number {
    return this.#member.incarnation;
  }

  get state(): RaftMember["state"] {
    // Before its first boot a process has no state; properties of Raft do not ask then.
    return (this.#member.state as MemberState | null)?.raft as RaftMember["state"];
  }

  get durable(): RaftMember["durable"] {
    return this.#member.durable.raft;
  }
}

/** A member's Raft alone, for functions about members of Raft. It follows the member. */
export function raftViewOf(member: Member): RaftMember {
  return new RaftView(member);
}

/**
 * A property of Raft as one of the store: its monitor sees the members alone, and of each its Raft. Members' requests and
 * replies are not Raft's, so that the monitor is told of none; and after a restart a member's application is ahead of its
 * Raft, so that the property must not look at it.
 */
export function onMembers(property: RaftProperty): StoreProperty {
  return {
    id: property.id.replace(/^raft\//, "store/"),
    kind: property.kind,
    source: property.source,
    monitor(context) {
      const views: RaftView[] = [];
      for (const process of context.processes) if (isMember(process)) views[process.index] = new RaftView(process);
      return lifted(
        views,
        property.monitor({ ...context, processes: views.filter((view): view is RaftView => view !== undefined) }),
      );
    },
  };
}

/** @param views by process index. */
function lifted(views: readonly (RaftView | undefined)[], monitor: Monitor<RaftTypes<unknown>>) {
  const result: { -readonly [K in keyof Monitor<StoreWorldTypes>]: Monitor<StoreWorldTypes>[K] } = {};
  if (monitor.concerns !== undefined) result.concerns = monitor.concerns;
  if (monitor.onBoot !== undefined)
    result.onBoot = ({ index }) => {
      const view = views[index];
      if (view !== undefined) monitor.onBoot!(view);
    };
  if (monitor.onStep !== undefined)
    result.onStep = ({ index }, before, after, input) => {
      if (before.kind !== "member" || after.kind !== "member" || before.raft === after.raft) return;
      monitor.onStep!(views[index]!, before.raft, after.raft, input as Input<RaftTypes<unknown>>);
    };
  if (monitor.onCrash !== undefined)
    result.onCrash = ({ index }) => {
      const view = views[index];
      if (view !== undefined) monitor.onCrash!(view);
    };
  if (monitor.onNote !== undefined)
    result.onNote = ({ index }, name) => {
      const view = views[index];
      if (view !== undefined) monitor.onNote!(view, name);
    };
  if (monitor.onSend !== undefined)
    result.onSend = ({ index }, to, message) => {
      if (isRaftMessage(message)) monitor.onSend!(views[index]!, to, message);
    };
  if (monitor.onFault !== undefined) result.onFault = (kind) => monitor.onFault!(kind);
  if (monitor.pending !== undefined) result.pending = () => monitor.pending!();
  if (monitor.atEnd !== undefined) result.atEnd = () => monitor.atEnd!();
  return result;
}
