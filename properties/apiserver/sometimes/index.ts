import type { ApiResponse } from "../../../models/machinery/api.ts";
import { keyOfRequest } from "../../cluster/calls.ts";
import type { ClusterProperty } from "../../cluster/cluster-property.ts";
import { clusterLedgerOf } from "../../cluster/ledger.ts";
import { isDeleting } from "../../cluster/objects.ts";
import { type Situation, sometimes } from "../../cluster/situation.ts";

const SITUATIONS: readonly Situation[] = [
  {
    id: "apiserver/sometimes/watch-too-old",
    source: "kubernetes apiserver storage/cacher: 410 Gone, below the oldest event of the ring; client-go relists",
    watch: (reach) => ({
      concerns: { changes: [], messages: ["apiWatchEnd"], notes: [] },
      onSend(_process, _to, message) {
        if (message.kind === "apiWatchEnd" && message.status?.code === 410) reach();
      },
    }),
  },
  {
    id: "apiserver/sometimes/stale-list-served",
    source: 'kubernetes api-concepts: resourceVersion="0" "may be stale"',
    watch(reach, context) {
      const ledger = clusterLedgerOf(context);
      return {
        concerns: { changes: [], messages: ["apiAnswer"], notes: [] },
        onSend(_process, _to, message) {
          if (message.kind !== "apiAnswer" || message.response.kind !== "list") return;
          const [first] = message.response.items;
          const version = Number(message.response.resourceVersion);
          if (first === undefined || version >= ledger.revision) return;
          for (const resource of ledger.resources()) {
            const any = ledger.all(resource).values().next().value;
            if (any?.object.kind !== first.kind) continue;
            for (const { revision } of ledger.all(resource).values()) if (revision > version) return reach();
          }
        },
      };
    },
  },
  {
    id: "apiserver/sometimes/conflict-answered",
    source: "kubernetes api-conventions: 409 Conflict, the object has been modified",
    calls: (reach) => ({
      answered(_call, response) {
        if (codeOf(response) === 409 && reasonOf(response) === "Conflict") reach();
      },
    }),
  },
  {
    id: "apiserver/sometimes/uid-precondition-failed",
    source: "kubernetes apiserver registry/rest/delete.go: Precondition failed: UID in precondition",
    calls: (reach) => ({
      answered({ request }, response) {
        const named = request.verb === "delete" && request.options.preconditions?.uid !== undefined;
        if (named && codeOf(response) === 409) reach();
      },
    }),
  },
  {
    id: "apiserver/sometimes/write-done-and-answer-lost",
    source: "a request is applied and its reply lost; client-go does not know what became of it",
    calls(reach, calls) {
      /** By client and object: the revision at which its creation was asked for. */
      const asked = new Map<string, number>();
      return {
        called({ request, from, sentAt }) {
          if (request.verb !== "create" || request.subresource !== "" || request.object.metadata.name === "") return;
          const key = keyOfRequest(request);
          const before = asked.get(`${from} ${request.resource} ${key}`);
          asked.set(`${from} ${request.resource} ${key}`, sentAt);
          const created = calls.ledger.get(request.resource, key);
          if (before !== undefined && created !== undefined && created.revision > before) reach();
        },
      };
    },
  },
  {
    id: "apiserver/sometimes/finalizer-held-deletion",
    source: "kubernetes concepts, Finalizers",
    changes: [
      "*",
      ({ before, after }) =>
        after !== null &&
        before !== null &&
        !isDeleting(before) &&
        isDeleting(after) &&
        (after.metadata.finalizers ?? []).length > 0,
    ],
  },
  {
    id: "apiserver/sometimes/name-came-back",
    source: "an object is recreated under a name that another had: a watch must not take it for that",
    watch(reach, context) {
      const ledger = clusterLedgerOf(context);
      ledger.on("*", ({ before, after, previousRevision }) => {
        if (before === null && after !== null && previousRevision > 0) reach();
      });
      return {};
    },
  },
];

function codeOf(response: ApiResponse): number {
  return response.kind === "status" ? response.status.code : 200;
}

function reasonOf(response: ApiResponse): string {
  return response.kind === "status" ? response.status.reason : "";
}

/** What a campaign must have come to, of API servers and their clients. */
export const apiServerSituations: readonly ClusterProperty[] = SITUATIONS.map(sometimes);
