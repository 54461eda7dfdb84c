/**
 * Traffic as a workload: a client that sends requests at the times that its plans say, and keeps what became of them.
 * One request of a plan is under way at a time.
 */
import {
  type BootReading,
  emptyOrderedMap,
  type Input,
  type Machine,
  type Micros,
  ModelBug,
  mapDelete,
  mapEach,
  mapGet,
  mapSet,
  NO_EFFECTS,
  type Step,
} from "../kernel/index.ts";
import { Turn } from "../machinery/turn.ts";
import { clientNote as note } from "./notes.ts";
import type {
  DnsResult,
  NetworkMessage,
  TrafficClientConfig,
  TrafficClientState,
  TrafficClientTypes,
  TrafficFlow,
  TrafficOutcome,
  TrafficPending,
  TrafficPlan,
  Tuple,
} from "./types.ts";

const TICK = "tick";
/** Linux ip_local_port_range. */
const FIRST_PORT = 32_768;
const PORTS = 28_232;

const NO_TUPLE: Omit<Tuple, "protocol" | "source" | "destinationPort"> = Object.freeze({
  sourcePort: 0,
  destination: "",
});

export const TRAFFIC_CLIENT_DEFAULTS = Object.freeze({
  kind: "trafficClient",
  domain: "cluster.local",
  dns: "",
  timeoutUs: 1_000_000,
  resultsMax: 64,
} as const);

type Types = TrafficClientTypes;
type Reply = Extract<NetworkMessage, { readonly kind: "netReply" }>;

class ClientTurn extends Turn<Types> {
  state: TrafficClientState;

  constructor(state: TrafficClientState, clock: { readonly now: Micros; readonly wall: Micros }) {
    super(clock);
    this.state = state;
  }

  get config(): TrafficClientConfig {
    return this.state.config;
  }

  newId(): string {
    const ids = this.state.ids + 1;
    this.state = { ...this.state, ids };
    return `${this.config.id}/${this.state.bootedAt}/${ids}`;
  }

  keep(pending: TrafficPending): void {
    this.state = { ...this.state, pending: mapSet(this.state.pending, pending.id, pending) };
  }

  drop({ id }: TrafficPending): void {
    this.state = { ...this.state, pending: mapDelete(this.state.pending, id) };
  }

  setFlow(plan: number, flow: TrafficFlow | null): void {
    const flows = this.state.flows.map((one, at) => (at === plan ? flow : one));
    this.state = { ...this.state, flows };
  }

  close(): Step<Types> {
    const due = nextDue(this.state);
    if (due !== this.state.wakeAt) {
      if (due === 0) this.cancelTimer(TICK);
      else this.setTimer(TICK, Math.max(0, due - this.now));
      this.state = { ...this.state, wakeAt: due };
    }
    return { state: this.state, effects: this.effects.length === 0 ? NO_EFFECTS : this.effects };
  }
}

export const trafficClient: Machine<Types> = {
  boot(_durable: null, config: TrafficClientConfig, { now, wall }: BootReading): Step<Types> {
    const state: TrafficClientState = {
      kind: "trafficClient",
      config,
      bootedAt: now,
      requests: 0,
      ids: 0,
      ports: 0,
      begun: config.plans.map(() => 0),
      flows: config.plans.map(() => null),
      pending: emptyOrderedMap(),
      results: [],
      wakeAt: 0,
    };
    return new ClientTurn(state, { now, wall }).close();
  },
  step(state: TrafficClientState, input: Input<Types>): Step<Types> {
    const turn = new ClientTurn(state, input);
    if (input.kind === "timer" && input.name === TICK) {
      turn.state = { ...turn.state, wakeAt: 0 };
      tick(turn);
    } else if (input.kind === "receive") receive(turn, input.message);
    return turn.close();
  },
  disk: { empty: null, write: nothingIsWritten, pieces: nothingIsWritten },
};

function nothingIsWritten(): never {
  throw new ModelBug("a client of services keeps nothing on disk");
}

/** When a plan begins its next request; 0: no more. */
function planDue({ config, begun, bootedAt }: TrafficClientState, at: number): Micros {
  const { startsAfterUs, everyUs, times } = config.plans[at]!;
  const count = begun[at]!;
  return times > 0 && count >= times ? 0 : bootedAt + startsAfterUs + count * everyUs;
}

function nextDue(state: TrafficClientState): Micros {
  let due = Number.MAX_SAFE_INTEGER;
  state.config.plans.forEach((_, at) => {
    const next = planDue(state, at);
    if (next > 0) due = Math.min(due, next);
  });
  mapEach(state.pending, "", null, ({ deadline }) => {
    due = Math.min(due, deadline);
  });
  return due === Number.MAX_SAFE_INTEGER ? 0 : due;
}

function tick(turn: ClientTurn): void {
  const late: TrafficPending[] = [];
  mapEach(turn.state.pending, "", null, (pending) => {
    if (pending.deadline <= turn.now) late.push(pending);
  });
  for (const pending of late) end(turn, pending, "timedOut", "");
  turn.config.plans.forEach((plan, at) => {
    const due = planDue(turn.state, at);
    if (due === 0 || due > turn.now) return;
    const begun = turn.state.begun.map((count, one) => (one === at ? count + 1 : count));
    turn.state = { ...turn.state, begun };
    begin(turn, plan, at);
  });
}

function begin(turn: ClientTurn, plan: TrafficPlan, at: number): void {
  let isBusy = false;
  mapEach(turn.state.pending, "", null, (pending) => {
    if (pending.plan === at) isBusy = true;
  });
  if (isBusy) {
    turn.note(note.busy);
    return;
  }
  const number = turn.state.requests + 1;
  turn.state = { ...turn.state, requests: number };
  const deadline = turn.now + turn.config.timeoutUs;
  const base = { plan: at, number, sentAt: turn.now, deadline };
  const flow = turn.state.flows[at]!;
  const { target } = plan;
  if (flow !== null && !(flow.failed && target.kind === "service")) {
    goOn(turn, { ...base, id: "", stage: "data", flow });
    return;
  }
  if (target.kind !== "service") {
    connect(
      turn,
      plan,
      { ...base, id: "", stage: "open", flow: null },
      target.kind === "address" ? target.address : "",
    );
    return;
  }
  const id = turn.newId();
  turn.keep({ ...base, id, stage: "name", flow });
  const name = `${target.name}.${target.namespace}.svc.${turn.config.domain}`;
  turn.send(turn.config.dns, { kind: "dnsQuery", id, name, type: "A" });
}

/** The next request on a flow. */
function goOn(turn: ClientTurn, pending: TrafficPending): void {
  turn.note(note.reused);
  sendData(turn, { ...pending, id: turn.newId(), stage: "data" });
}

/** A new flow, from a port of its own. Networks are taken in turn; where no address is said, the network's own is meant. */
function connect(turn: ClientTurn, plan: TrafficPlan, pending: TrafficPending, address: string): void {
  const { config } = turn;
  const ports = turn.state.ports + 1;
  turn.state = { ...turn.state, ports };
  const network = config.networks[ports % config.networks.length]!;
  const tuple: Tuple = {
    protocol: plan.protocol,
    source: config.address,
    sourcePort: FIRST_PORT + (ports % PORTS),
    destination: address === "" ? network.address : address,
    destinationPort: plan.port,
  };
  const flow: TrafficFlow = { network: network.id, tuple, peer: "", requests: 0, failed: false };
  const next: TrafficPending = { ...pending, id: turn.newId(), flow };
  if (plan.protocol === "UDP") sendData(turn, { ...next, stage: "data" });
  else {
    turn.keep({ ...next, stage: "open" });
    turn.send(network.id, { kind: "netPacket", packet: { id: next.id, tuple, step: "open", peer: "" } });
  }
}

function sendData(turn: ClientTurn, pending: TrafficPending): void {
  const flow = { ...pending.flow!, requests: pending.flow!.requests + 1 };
  turn.keep({ ...pending, stage: "data", flow });
  const { tuple, peer, network } = flow;
  turn.send(network, { kind: "netPacket", packet: { id: pending.id, tuple, step: "data", peer } });
}

function receive(turn: ClientTurn, message: Types["message"]): void {
  if (message.kind !== "dnsAnswer" && message.kind !== "netReply") return;
  const pending = mapGet(turn.state.pending, message.id);
  if (pending === undefined) {
    turn.note(note.late);
    return;
  }
  if (message.kind === "dnsAnswer") named(turn, pending, message.result);
  else replied(turn, pending, message);
}

function named(turn: ClientTurn, pending: TrafficPending, { code, records }: DnsResult): void {
  const addresses = records.filter(({ type }) => type === "A");
  if (code !== "NOERROR" || addresses.length === 0) {
    end(turn, pending, "noSuchName", "");
    return;
  }
  turn.drop(pending);
  // Whose datagrams are not answered looks whether the service is still where it was.
  if (pending.flow !== null && addresses.some(({ value }) => value === pending.flow!.tuple.destination)) {
    goOn(turn, pending);
    return;
  }
  const { value } = addresses[pending.number % addresses.length]!;
  connect(turn, turn.config.plans[pending.plan]!, pending, value);
}

function replied(turn: ClientTurn, pending: TrafficPending, { outcome, pod, peer }: Reply): void {
  if (pending.stage !== "open" || outcome !== "answered") {
    end(turn, pending, outcome, pod);
    return;
  }
  turn.drop(pending);
  sendData(turn, { ...pending, id: turn.newId(), flow: { ...pending.flow!, peer } });
}

/** A request has ended. Its flow goes on while there are requests left for it: of datagrams whatever came of this one. */
function end(turn: ClientTurn, pending: TrafficPending, outcome: TrafficOutcome, pod: string): void {
  const { config } = turn;
  const plan = config.plans[pending.plan]!;
  turn.drop(pending);
  turn.note(note[outcome]);
  const { flow } = pending;
  const goesOn = flow !== null && flow.requests < plan.requestsPerFlow;
  const isWhole = plan.protocol === "UDP" || outcome === "answered";
  turn.setFlow(pending.plan, goesOn && isWhole ? { ...flow, failed: outcome !== "answered" } : null);
  if (flow !== null && plan.protocol === "TCP" && outcome === "answered" && !goesOn)
    turn.send(flow.network, {
      kind: "netPacket",
      packet: { id: turn.newId(), tuple: flow.tuple, step: "close", peer: flow.peer },
    });
  const unsent: Tuple = { ...NO_TUPLE, protocol: plan.protocol, source: config.address, destinationPort: plan.port };
  const result = {
    number: pending.number,
    plan: plan.name,
    sentAt: pending.sentAt,
    endedAt: turn.now,
    tuple: flow?.tuple ?? unsent,
    network: flow?.network ?? "",
    outcome,
    pod,
  };
  turn.state = { ...turn.state, results: [...turn.state.results, result].slice(-config.resultsMax) };
}
