import { type Arbitrary, fc } from "../../harness/fast-check.ts";
import type { Fault } from "../../simulator/faults.ts";
import type { Cast, ControlPlaneOperation } from "../control-plane/scenario.ts";
import type { Episode } from "../shared/episodes.ts";
import { nodeComesLate, rivalServices, servicesComeAndGo } from "./allocation-episodes.ts";
import { PORTS, type ServicePlan, serviceManifest } from "./services.ts";

export type NetworkEpisode = Episode<ControlPlaneOperation>;

/** A workload whose pods are behind services. */
export interface Backend {
  readonly resource: string;
  readonly name: string;
  readonly replicas: number;
}

/** What episodes are made of. */
export interface NetworkSetting {
  readonly cast: Cast;
  readonly chaosMs: number;
  readonly services: readonly ServicePlan[];
  readonly backends: readonly Backend[];
}

const NAMESPACE = "default";
const session = fc.integer({ min: 0, max: 3 });

function beginning({ chaosMs }: NetworkSetting, lastsMs: number): Arbitrary<number> {
  const latest = Math.max(Math.ceil(chaosMs / 2), chaosMs - lastsMs);
  return fc.integer({ min: Math.min(5000, latest), max: latest });
}

/** What is behind a service goes to nothing and comes back: what asks it goes on asking. */
function scaledToNothing(setting: NetworkSetting): Arbitrary<NetworkEpisode> {
  const scalable = setting.backends.filter(({ resource }) => resource !== "daemonsets");
  if (scalable.length === 0) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting, 12_000),
      backend: fc.constantFrom(...scalable),
      lastsMs: fc.integer({ min: 500, max: 10_000 }),
      times: fc.integer({ min: 1, max: 2 }),
      session,
    })
    .map(({ atMs, backend: { resource, name, replicas }, lastsMs, times, session }) => {
      const workload: ControlPlaneOperation[] = [];
      const scale = (at: number, to: number) =>
        workload.push({ kind: "scale", atMs: at, session, resource, namespace: NAMESPACE, name, replicas: to });
      for (let i = 0; i < times; i++) {
        scale(atMs + i * 2 * lastsMs, 0);
        scale(atMs + (i * 2 + 1) * lastsMs, Math.max(1, replicas));
      }
      return { faults: [], workload };
    });
}

/** A service is changed while it is asked: what is behind it, its ports, its type, its policies. */
function serviceChanges(setting: NetworkSetting): Arbitrary<NetworkEpisode> {
  return fc
    .record({
      atMs: beginning(setting, 8000),
      plan: fc.constantFrom(...setting.services),
      what: fc.constantFrom(
        "selector" as const,
        "ports" as const,
        "type" as const,
        "type" as const,
        "policy" as const,
        "sticky" as const,
      ),
      lastsMs: fc.integer({ min: 300, max: 8000 }),
      comesBack: fc.boolean(),
      session,
    })
    .map(({ atMs, plan, what, lastsMs, comesBack, session }) => {
      const patch = (at: number, spec: object): ControlPlaneOperation => ({
        kind: "patch",
        atMs: at,
        session,
        resource: "services",
        namespace: NAMESPACE,
        name: plan.name,
        type: "merge",
        patch: { spec },
      });
      const [there, back] = changeOf(plan, what, setting);
      const workload = [patch(atMs, there)];
      if (comesBack) workload.push(patch(atMs + lastsMs, back));
      return { faults: [], workload };
    });
}

type What = "selector" | "ports" | "type" | "policy" | "sticky";

function changeOf(plan: ServicePlan, what: What, { backends }: NetworkSetting): readonly [object, object] {
  const { spec } = serviceManifest(plan) as { readonly spec: Readonly<Record<string, unknown>> };
  const back = (field: string) => ({ [field]: spec[field] ?? null });
  switch (what) {
    case "selector": {
      const other = backends.find(({ name }) => name !== plan.app)?.name ?? "nobody";
      return [{ selector: { app: other } }, back("selector")];
    }
    case "ports": {
      const ports = spec["ports"] as readonly object[];
      return [{ ports: ports.map((port) => ({ ...port, targetPort: 8080 })) }, back("ports")];
    }
    case "type":
      if (plan.type === "headless") return [{ publishNotReadyAddresses: true }, { publishNotReadyAddresses: null }];
      if (plan.type === "ClusterIP") return [{ type: "NodePort" }, { type: "ClusterIP" }];
      return [
        { type: "ClusterIP", externalTrafficPolicy: null, ports: withoutNodePorts(spec) },
        { type: plan.type, ...back("externalTrafficPolicy"), ...back("ports") },
      ];
    case "policy":
      if (plan.type === "headless") return [{ publishNotReadyAddresses: true }, { publishNotReadyAddresses: null }];
      return [{ internalTrafficPolicy: plan.internalLocal ? "Cluster" : "Local" }, back("internalTrafficPolicy")];
    case "sticky":
      if (plan.type === "headless") return [{ publishNotReadyAddresses: true }, { publishNotReadyAddresses: null }];
      return plan.affinitySeconds === 0
        ? [{ sessionAffinity: "ClientIP" }, { sessionAffinity: "None", sessionAffinityConfig: null }]
        : [{ sessionAffinity: "None", sessionAffinityConfig: null }, back("sessionAffinity")];
  }
}

function withoutNodePorts({ ports }: Readonly<Record<string, unknown>>) {
  return (ports as readonly { readonly nodePort?: number }[]).map(({ nodePort: _, ...port }) => port);
}

/** A service is deleted and made anew, sooner or later, under the same name. */
function serviceComesAgain(setting: NetworkSetting): Arbitrary<NetworkEpisode> {
  return fc
    .record({
      atMs: beginning(setting, 6000),
      plan: fc.constantFrom(...setting.services),
      afterMs: fc.constantFrom(1, 200, 1500, 5000),
      session,
    })
    .map(({ atMs, plan, afterMs, session }) => {
      const named = { resource: "services", namespace: NAMESPACE, name: plan.name };
      return {
        faults: [],
        workload: [
          { kind: "delete", atMs, session, ...named, wait: true },
          { kind: "apply", atMs: atMs + afterMs, session, objects: [serviceManifest(plan)], manifests: [] },
        ],
      };
    });
}

/** Pods of a service are deleted, as a person does who wants new ones; or lose the label by which it has them. */
function podsGo(setting: NetworkSetting): Arbitrary<NetworkEpisode> {
  return fc
    .record({
      atMs: beginning(setting, 6000),
      backend: fc.constantFrom(...setting.backends),
      times: fc.integer({ min: 1, max: 4 }),
      everyMs: fc.integer({ min: 50, max: 2500 }),
      grace: fc.constantFrom<(number | undefined)[]>(undefined, 0, 1),
      relabel: fc.boolean(),
      session,
    })
    .map(({ atMs, backend, times, everyMs, grace, relabel, session }) => {
      const workload = Array.from({ length: times }, (_, i): ControlPlaneOperation => {
        const named = { resource: "pods", namespace: NAMESPACE, name: `${backend.name}-*` };
        const at = { atMs: atMs + i * everyMs, session, ...named };
        return relabel
          ? { kind: "label", ...at, values: { app: "nobody" } }
          : { kind: "delete", ...at, wait: false, ...(grace === undefined ? {} : { gracePeriodSeconds: grace }) };
      });
      return { faults: [], workload };
    });
}

/** A proxy dies, at some time or at a point of its work, and comes back sooner or later; or its node loses its power. */
function proxyDies(setting: NetworkSetting): Arbitrary<NetworkEpisode> {
  return fc
    .record({
      atMs: beginning(setting, 6000),
      index: fc.integer({ min: 0, max: setting.cast.nodes.length - 1 }),
      how: fc.constantFrom("kill" as const, "kill" as const, "crash" as const),
      detail: fc.constantFrom(null, "rules", "flows"),
      nth: fc.integer({ min: 1, max: 5 }),
      edge: fc.constantFrom("before" as const, "after" as const),
      downMs: fc.constantFrom(50, 1000, 6000),
    })
    .map(({ atMs, index, how, detail, nth, edge, downMs }) => {
      const process = setting.cast.proxies[index]!;
      const on = detail === null ? {} : { on: { process, effect: "persist" as const, detail, nth, edge } };
      const fault: Fault =
        how === "kill"
          ? { kind: "kill", atMs, ...on, target: process, downMs }
          : { kind: "crash", atMs, ...on, target: setting.cast.nodes[index]!, downMs, torn: false };
      return { faults: [fault], workload: [] };
    });
}

/** What is told to a proxy, or to who knows the names, comes late or not at all. */
function proxyIsBehind(setting: NetworkSetting): Arbitrary<NetworkEpisode> {
  return fc
    .record({
      atMs: beginning(setting, 8000),
      to: fc.constantFrom(...setting.cast.proxies, "dns-1"),
      from: fc.constantFrom(...setting.cast.apiServers),
      how: fc.constantFrom("clog" as const, "lost" as const, "slow" as const, "services" as const, "slices" as const),
      lastsMs: fc.integer({ min: 500, max: 8000 }),
    })
    .map(({ atMs, to, from, how, lastsMs }) => {
      const link = { atMs, durationMs: lastsMs, from, to };
      return { faults: [lagOf(how, link)], workload: [] };
    });
}

function lagOf(
  how: "clog" | "lost" | "slow" | "services" | "slices",
  link: { readonly atMs: number; readonly durationMs: number; readonly from: string; readonly to: string },
): Fault {
  switch (how) {
    case "clog":
      return { kind: "clog", ...link };
    case "lost":
      return { kind: "link", ...link, loss: 1 };
    case "slow":
      return { kind: "link", ...link, delayMs: 1500 };
    // Of the two that make the rules one is behind the other.
    case "services":
      return { kind: "clog", ...link, messages: ["apiWatchEvents services"] };
    case "slices":
      return { kind: "clog", ...link, messages: ["apiWatchEvents endpointslices"] };
  }
}

/** Some nodes do not hear one another, while the masters hear them all. */
function nodesApart(setting: NetworkSetting): Arbitrary<NetworkEpisode> {
  const { nodes } = setting.cast;
  if (nodes.length < 2) return NOTHING;
  return fc
    .record({
      atMs: beginning(setting, 6000),
      first: fc.integer({ min: 0, max: nodes.length - 1 }),
      by: fc.integer({ min: 1, max: nodes.length - 1 }),
      lastsMs: fc.integer({ min: 500, max: 8000 }),
    })
    .map(({ atMs, first, by, lastsMs }) => {
      const second = (first + by) % nodes.length;
      const cut = (from: string, to: string): Fault => ({ kind: "link", atMs, durationMs: lastsMs, from, to, loss: 1 });
      const { proxies, runtimes } = setting.cast;
      return {
        faults: [cut(proxies[first]!, runtimes[second]!), cut(runtimes[second]!, proxies[first]!)],
        workload: [],
      };
    });
}

/**
 * Somebody keeps a slice of a service that says of some addresses what was true of other pods. None of them serves: a flow
 * of datagrams would stay with one that did.
 */
function strangeSlice(setting: NetworkSetting): Arbitrary<NetworkEpisode> {
  return fc
    .record({
      atMs: beginning(setting, 6000),
      service: fc.constantFrom(...setting.services),
      block: fc.integer({ min: 0, max: setting.cast.nodes.length }),
      last: fc.integer({ min: 2, max: 8 }),
      lastsMs: fc.integer({ min: 1000, max: 15_000 }),
    })
    .map(({ atMs, service: { name, protocols }, block, last, lastsMs }) => {
      const metadata = {
        name: `zz-${name}`,
        namespace: NAMESPACE,
        labels: {
          "kubernetes.io/service-name": name,
          "endpointslice.kubernetes.io/managed-by": "somebody",
        },
      };
      const endpoints = Array.from({ length: last - 1 }, (_, i) => ({
        addresses: [`10.244.${block}.${i + 2}`],
        conditions: { ready: false, serving: false, terminating: true },
      }));
      const ports = protocols.map((protocol) => ({ name: protocol.toLowerCase(), port: PORTS[protocol], protocol }));
      const slice = {
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        metadata,
        addressType: "IPv4",
        endpoints,
        ports,
      };
      const named = { resource: "endpointslices", namespace: NAMESPACE, name: metadata.name };
      const workload: ControlPlaneOperation[] = [
        { kind: "apply", atMs, session: 2, objects: [slice], manifests: [] },
        { kind: "delete", atMs: atMs + lastsMs, session: 2, ...named, wait: false },
      ];
      return { faults: [], workload };
    });
}

const NOTHING: Arbitrary<NetworkEpisode> = fc.constant({ faults: [], workload: [] });

/** The kinds of episode, each by what makes it. */
const KINDS = {
  scaledToNothing,
  serviceChanges,
  serviceComesAgain,
  podsGo,
  proxyDies,
  proxyIsBehind,
  nodesApart,
  strangeSlice,
  rivalServices,
  servicesComeAndGo,
  nodeComesLate,
} as const satisfies Record<string, (setting: NetworkSetting) => Arbitrary<NetworkEpisode>>;

export type NetworkEpisodeKind = keyof typeof KINDS;

export const NETWORK_EPISODE_KINDS = Object.keys(KINDS) as readonly NetworkEpisodeKind[];

/** Those that need no service of which all is known. */
export const EPISODES_OF_ANY: readonly NetworkEpisodeKind[] = [
  "scaledToNothing",
  "podsGo",
  "proxyDies",
  "proxyIsBehind",
  "nodesApart",
];

/** An episode of one of some kinds, somewhere in the chaos. */
export function networkEpisode(
  kinds: readonly NetworkEpisodeKind[],
  setting: NetworkSetting,
): Arbitrary<NetworkEpisode> {
  return fc.oneof(...kinds.map((kind) => KINDS[kind](setting)));
}
