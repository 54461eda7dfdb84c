import { type BootReading, type Input, type Machine, ModelBug, NO_EFFECTS, type Step } from "../kernel/index.ts";
import { Api } from "../machinery/client/api.ts";
import type { InformerSpec } from "../machinery/client/types.ts";
import type { EndpointSlice, Namespace, Service } from "../machinery/kinds/index.ts";
import { Turn } from "../machinery/turn.ts";
import { answerOf, type DnsView, SERVFAIL } from "./dns.ts";
import { dnsNote as note } from "./notes.ts";
import type { DnsConfig, DnsMessage, DnsResult, DnsState, DnsTypes } from "./types.ts";

const informer = (resource: string, indexes: InformerSpec["indexes"] = []): InformerSpec => ({
  resource,
  labelSelector: "",
  fieldSelector: "",
  indexes,
  resyncUs: 0,
});

/** What it watches (coredns plugin/kubernetes, controller.go). */
export const DNS_INFORMERS: readonly InformerSpec[] = [
  informer("services"),
  informer("endpointslices", ["byService"]),
  informer("namespaces"),
];

/** A server of the cluster's names: it answers from its informers, which may be behind. */
export const dnsServer: Machine<DnsTypes> = {
  boot(_durable: null, config: DnsConfig, reading: BootReading): Step<DnsTypes> {
    const state: DnsState = { kind: "dns", config, api: Api.boot(config.api, reading.now) };
    const turn = new Turn<DnsTypes>(reading);
    const api = new Api<DnsTypes>(config.api, state.api, turn);
    api.start();
    return { state: { ...state, api: api.state }, effects: turn.effects };
  },
  step(state: DnsState, input: Input<DnsTypes>): Step<DnsTypes> {
    const turn = new Turn<DnsTypes>(input);
    const api = new Api<DnsTypes>(state.config.api, state.api, turn);
    if (api.take(input) === null && input.kind === "receive") {
      const message = input.message as DnsMessage;
      if (message.kind === "dnsQuery") {
        const result = api.synced ? answerOf(viewOf(api), state.config.domain, message.name, message.type) : SERVFAIL;
        turn.note(noteFor(api.synced, message.name, message.type, result));
        turn.send(input.from, { kind: "dnsAnswer", id: message.id, result });
      }
    }
    return {
      state: api.state === state.api ? state : { kind: "dns", config: state.config, api: api.state },
      effects: turn.effects.length === 0 ? NO_EFFECTS : turn.effects,
    };
  },
  disk: { empty: null, write: nothingIsWritten, pieces: nothingIsWritten },
};

function nothingIsWritten(): never {
  throw new ModelBug("a server of names keeps nothing on disk");
}

function viewOf(api: Api<DnsTypes>): DnsView {
  return {
    hasNamespace: (name) => api.view<Namespace>("namespaces").get("", name) !== null,
    service: (namespace, name) => api.view<Service>("services").get(namespace, name),
    slices: (namespace, name) => api.view<EndpointSlice>("endpointslices").byIndex("byService", `${namespace}/${name}`),
    services: () => api.view<Service>("services").list(),
  };
}

function noteFor(isReady: boolean, name: string, type: string, { code, records }: DnsResult) {
  if (!isReady) return note.notReady;
  if (code !== "NOERROR") return note.noSuchName;
  const [first] = records;
  if (first === undefined) return note.noData;
  if (first.type === "CNAME") return note.external;
  if (type === "PTR") return note.reverse;
  if (name.includes(".pod.")) return note.pod;
  if (records.length > 1) return note.headless;
  return name.split(".svc.")[0]!.split(".").length > 2 ? note.endpoint : note.service;
}
