import { emptyOrderedMap, emptyVector } from "../kernel/index.ts";
import type { ErrorCode, ErrorResponse, KeyValue, Lease, StoreResponse, StoreState } from "./types.ts";

/** What a member has that has applied nothing. etcd's first revision is 1, so that the first write makes revision 2. */
export const INITIAL_STORE: StoreState = Object.freeze({
  consistentIndex: 0,
  revision: 1,
  compactRevision: 0,
  scrubbedRevision: 0,
  keys: emptyOrderedMap<readonly KeyValue[]>(),
  events: emptyVector<readonly KeyValue[]>(),
  eventsFrom: 2,
  leases: emptyOrderedMap<Lease>(),
});

/** What came of a command: the state after it, and what whoever asked for it is told. */
export interface Applied {
  readonly state: StoreState;
  readonly response: StoreResponse;
}

/** The state with some fields changed. It is always built by one literal; see `raft/state.ts` for why. */
export function updateStore(state: StoreState, changes: Partial<StoreState>): StoreState {
  return {
    consistentIndex: changes.consistentIndex === undefined ? state.consistentIndex : changes.consistentIndex,
    revision: changes.revision === undefined ? state.revision : changes.revision,
    compactRevision: changes.compactRevision === undefined ? state.compactRevision : changes.compactRevision,
    scrubbedRevision: changes.scrubbedRevision === undefined ? state.scrubbedRevision : changes.scrubbedRevision,
    keys: changes.keys === undefined ? state.keys : changes.keys,
    events: changes.events === undefined ? state.events : changes.events,
    eventsFrom: changes.eventsFrom === undefined ? state.eventsFrom : changes.eventsFrom,
    leases: changes.leases === undefined ? state.leases : changes.leases,
  };
}

/** An error as clients see it. Who leads is for the member to add. */
export function errorResponse(code: ErrorCode): ErrorResponse {
  return { kind: "error", code, leaderHint: null };
}

/** A command that is refused changes nothing. */
export function refused(state: StoreState, code: ErrorCode): Applied {
  return { state, response: errorResponse(code) };
}
