import type { StoreWorldTypes } from "../../../models/client/types.ts";
import type { StoreMessage, StoreRequest, StoreResponse, StoreState } from "../../../models/store/types.ts";
import { hashText } from "../../simulator/hash.ts";
import { digestRaftMessage, digestRaftState, mix } from "../shared/raft-members.ts";

/** A number for each kind of message that is not Raft's, so that a digest costs no look at the text. */
const KIND_DIGESTS = {
  forward: 0x51c9d2a3,
  leaseCall: 0x63d1e4b5,
  leaseAnswer: 0x75e3f6c7,
  call: 0x17f508d9,
  answer: 0x29071aeb,
  watchCreate: 0x3b192cfd,
  watchCancel: 0x4d2b3e0f,
  watchProgress: 0x5f3d5021,
  watchAck: 0x714f6233,
  watchResponse: 0x03617445,
} as const;

const REQUEST_DIGESTS = {
  put: 0x1f83d9ab,
  range: 0x2a4f6c1d,
  deleteRange: 0x35c1b28f,
  txn: 0x40d30471,
  compact: 0x4be556e3,
  leaseGrant: 0x56f7a855,
  leaseRevoke: 0x6209fac7,
  leaseKeepAlive: 0x6d1c4d39,
  leaseTimeToLive: 0x782e9fab,
  defragment: 0x0340f11d,
  moveLeader: 0x0e53438f,
  leaseCheckpoint: 0x2477a713,
  error: 0x19659501,
} as const satisfies Record<(StoreRequest | StoreResponse)["kind"], number>;

/** 32 bits of a message's content. */
export function digestMessage(message: StoreMessage): number {
  switch (message.kind) {
    case "forward":
      return KIND_DIGESTS.forward ^ mix(message.term, hashText(message.id));
    case "leaseCall":
      return KIND_DIGESTS.leaseCall ^ mix(message.term, hashText(message.id)) ^ REQUEST_DIGESTS[message.request.kind];
    case "call":
      return KIND_DIGESTS.call ^ mix(REQUEST_DIGESTS[message.request.kind], hashText(message.id));
    case "answer":
    case "leaseAnswer":
      return KIND_DIGESTS[message.kind] ^ mix(digestResponse(message.response), hashText(message.id));
    case "watchCreate":
      return KIND_DIGESTS.watchCreate ^ mix(message.create.startRevision, hashText(message.watchId));
    case "watchCancel":
    case "watchProgress":
      return KIND_DIGESTS[message.kind] ^ hashText(message.watchId);
    case "watchAck":
      return KIND_DIGESTS.watchAck ^ mix(message.sequence, hashText(message.watchId));
    case "watchResponse":
      return (
        KIND_DIGESTS.watchResponse ^
        mix(message.sequence, hashText(message.watchId)) ^
        mix(message.revision, message.events.length)
      );
    default:
      return digestRaftMessage(message, digestStore);
  }
}

function digestResponse(response: StoreResponse): number {
  const head = REQUEST_DIGESTS[response.kind];
  if (response.kind === "error") return head ^ hashText(response.code);
  return head ^ mix(response.revision, response.kind === "range" ? response.count : 0);
}

/** 32 bits of a state's content. */
export function digestState(state: StoreWorldTypes["state"]): number {
  if (state.kind === "client") return mix(state.ids, state.seenRevision) ^ mix(state.watches.length, 0);
  const { raft, server } = state;
  return (
    digestRaftState(raft, digestStore) ^
    mix(server.ids, server.committedIndex) ^
    mix(server.watchers.length, server.lessor.primaryTerm)
  );
}

function digestStore(store: StoreState): number {
  return (
    mix(store.revision, store.consistentIndex) ^
    mix(store.compactRevision, store.scrubbedRevision) ^
    mix(store.keys.size, store.leases.size)
  );
}
