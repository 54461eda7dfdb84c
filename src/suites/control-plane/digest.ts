import type { ClusterTypes } from "../../../models/cluster/types.ts";
import { unreachable } from "../../../models/kernel/index.ts";
import type { ApiMessage, ApiResponse } from "../../../models/machinery/api.ts";
import type { KubeObject } from "../../../models/machinery/kinds/index.ts";
import { resourceOfKind } from "../../../models/machinery/resources.ts";
import type { DnsMessage, NetworkMessage } from "../../../models/network/types.ts";
import type { CriMessage } from "../../../models/runtime/types.ts";
import type { StoreMessage } from "../../../models/store/types.ts";
import { hashText } from "../../simulator/hash.ts";
import { mix } from "../shared/raft-members.ts";
import { digestMessage as digestStoreMessage, digestState as digestStoreState } from "../store/digest.ts";

type Message = ClusterTypes["message"];
type State = ClusterTypes["state"];

/** A number for each kind of message that is not the store's, so that a digest costs no look at the text. */
const KINDS = {
  apiCall: 0x1f3a5c79,
  apiWatch: 0x2b4d6f81,
  apiWatchStop: 0x375f7193,
  apiPing: 0x437183a5,
  apiAnswer: 0x4f8395b7,
  apiWatchEvents: 0x5b95a7c9,
  apiWatchEnd: 0x67a7b9db,
  apiPong: 0x73b9cbed,
  criCall: 0x0fcbddff,
  criCancel: 0x1bddef11,
  criConnect: 0x7b6d7fa1,
  criHello: 0x27ef0123,
  criAnswer: 0x33011335,
  criEvent: 0x3f132547,
  netPacket: 0x4b253759,
  netDeliver: 0x5737496b,
  netDelivered: 0x63495b7d,
  netReply: 0x6f5b6d8f,
  dnsQuery: 0x7b6d7fa3,
  dnsAnswer: 0x077f91b5,
} as const satisfies Record<(ApiMessage | CriMessage | NetworkMessage | DnsMessage)["kind"], number>;

/** 32 bits of a message's content: what tells it from others on its link, and versions. */
export function digestMessage(message: Message): number {
  switch (message.kind) {
    case "apiCall": {
      const { verb, resource } = message.request;
      return KINDS.apiCall ^ mix(hashText(message.id), verb.length * 31 + resource.length);
    }
    case "apiWatch":
      return KINDS.apiWatch ^ mix(hashText(message.watchId), Number(message.request.resourceVersion));
    case "apiWatchStop":
    case "apiPing":
      return KINDS[message.kind] ^ hashText(message.watchId);
    case "apiAnswer":
      return KINDS.apiAnswer ^ mix(hashText(message.id), digestResponse(message.response));
    case "apiWatchEvents": {
      const { watchId, sequence, events } = message;
      const last = events.at(-1);
      return (
        KINDS.apiWatchEvents ^ mix(hashText(watchId), sequence) ^ (last === undefined ? 0 : versionOf(last.object))
      );
    }
    case "apiWatchEnd":
      return KINDS.apiWatchEnd ^ mix(hashText(message.watchId), message.status?.code ?? 0);
    case "apiPong":
      return KINDS.apiPong ^ mix(hashText(message.watchId), message.sequence);
    case "criCall":
      return KINDS.criCall ^ mix(hashText(message.id), message.request.kind.length);
    case "criCancel":
      return KINDS.criCancel ^ hashText(message.id);
    case "criConnect":
      return KINDS.criConnect;
    case "criHello":
      return KINDS.criHello ^ message.incarnation;
    case "criAnswer":
      return KINDS.criAnswer ^ mix(hashText(message.id), message.version);
    case "criEvent":
      return KINDS.criEvent ^ mix(hashText(message.pod.podUid), message.version);
    case "netPacket":
    case "netDeliver":
      return KINDS[message.kind] ^ mix(hashText(message.packet.id), message.packet.step.length);
    case "netDelivered":
      return KINDS.netDelivered ^ mix(hashText(message.packet.id), hashText(message.peer));
    case "netReply":
      return KINDS.netReply ^ mix(hashText(message.id), hashText(message.peer));
    case "dnsQuery":
      return KINDS.dnsQuery ^ mix(hashText(message.id), hashText(message.name));
    case "dnsAnswer":
      return KINDS.dnsAnswer ^ mix(hashText(message.id), message.result.records.length);
    default:
      return digestStoreMessage(message satisfies StoreMessage);
  }
}

function digestResponse(response: ApiResponse): number {
  switch (response.kind) {
    case "object":
      return versionOf(response.object);
    case "list":
      return mix(Number(response.resourceVersion), response.items.length);
    case "status":
      return response.status.code;
    default:
      return unreachable(response);
  }
}

function versionOf({ metadata }: KubeObject): number {
  return Number(metadata.resourceVersion ?? 0);
}

/** 32 bits of a state's content: counters that grow with whatever a process does. */
export function digestState(state: State): number {
  switch (state.kind) {
    case "member":
      return digestStoreState(state);
    case "apiServer":
      return (
        mix(state.ids, state.uids) ^
        mix(state.flights.size, state.watchers.size) ^
        mix(state.calls.size, state.endpoint)
      );
    case "controllerManager":
      return mix(state.api.ids, state.wakeAt) ^ mix(state.api.calls.size, state.phase.length);
    case "scheduler":
      return mix(state.api.ids, state.api.calls.size);
    case "kubelet":
      return mix(state.ids, state.api.ids) ^ mix(state.workers.size, state.calls.size);
    case "runtime":
      return mix(state.ids, state.version) ^ state.operations.length;
    case "kubectl":
      return mix(state.api.ids, state.wakeAt);
    case "proxy":
      return mix(state.api.ids, state.syncs) ^ mix(state.kernel.flows.size, state.syncAt);
    case "dns":
      return mix(state.api.ids, state.api.wakeAt);
    case "trafficClient":
      return mix(state.ids, state.ports) ^ mix(state.pending.size, state.wakeAt);
    default:
      return unreachable(state);
  }
}

/** What coverage and points call a message: an API call by its verb and resource, events by theirs, all else by its kind. */
export function messageDetail(message: Message): string {
  if (message.kind === "apiCall") {
    const { verb, resource } = message.request;
    const subresource = "subresource" in message.request ? message.request.subresource : "";
    return callName(verb, resource, subresource);
  }
  if (message.kind === "apiWatch") return callName("watch", message.request.resource, "");
  if (message.kind === "apiWatchEvents") {
    const [event] = message.events;
    if (event === undefined) return message.kind;
    const { name } = resourceOfKind(event.object.apiVersion, event.object.kind);
    return callName(event.type === "BOOKMARK" ? "bookmark" : "events", name, "");
  }
  if (message.kind === "criCall") return callName("cri", message.request.kind, "");
  return message.kind;
}

/** By verb, resource and subresource: each name is made once. */
const NAMES = new Map<string, Map<string, Map<string, string>>>();

function callName(verb: string, resource: string, subresource: string): string {
  const names = inner(inner(NAMES, verb), resource);
  const known = names.get(subresource);
  if (known !== undefined) return known;
  const name = nameOf(verb, resource, subresource);
  names.set(subresource, name);
  return name;
}

function inner<V>(map: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = new Map<string, V>();
  map.set(key, made);
  return made;
}

/** `apiCall create pods/binding`, `apiWatch pods`, `apiWatchEvents pods`, `criCall startContainer`. */
function nameOf(verb: string, resource: string, subresource: string): string {
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  if (verb === "watch") return `apiWatch ${what}`;
  if (verb === "events") return `apiWatchEvents ${what}`;
  if (verb === "bookmark") return `apiWatchEvents ${what} bookmark`;
  return verb === "cri" ? `criCall ${what}` : `apiCall ${verb} ${what}`;
}
