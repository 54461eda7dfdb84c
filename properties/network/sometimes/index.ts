import { mapEach } from "../../../models/kernel/index.ts";
import type { EndpointSlice, Service } from "../../../models/machinery/kinds/index.ts";
import type { ProxyState } from "../../../models/proxy/types.ts";
import type { ClusterProperty } from "../../cluster/cluster-property.ts";
import type { Change } from "../../cluster/ledger.ts";
import { NO_CONCERNS } from "../../cluster/shared.ts";
import { type Situation, sometimes } from "../../cluster/situation.ts";
import { serviceOfSlice, sliceLedgerOf } from "../slices.ts";
import { serviceOfPlan } from "../targets.ts";

/** It shows in a note of a process. */
const noted = (id: string, note: string, source: string): Situation => ({
  id: `network/sometimes/${id}`,
  source,
  watch: (reach) => ({
    concerns: { changes: [], messages: [], notes: [note] },
    onNote(_process, name) {
      if (name === note) reach();
    },
  }),
});

const SITUATIONS: readonly Situation[] = [
  noted(
    "flow-to-a-removed-endpoint-cleared",
    "proxy/conntrack/flow-to-a-removed-endpoint-cleared",
    "kubernetes pkg/proxy/conntrack/cleanup.go",
  ),
  noted("flow-without-a-target-cleared", "proxy/conntrack/flow-without-a-target-cleared", "kubernetes#105657"),
  noted("rejected-without-endpoints", "proxy/packet/rejected-no-endpoints", "kubernetes pkg/proxy/iptables/proxier.go"),
  noted("flow-followed", "proxy/packet/follows-its-flow", "Linux conntrack"),
  noted("chosen-by-affinity", "proxy/packet/endpoint-by-affinity", "sessionAffinity ClientIP"),
  noted("dropped-without-a-local-endpoint", "proxy/packet/dropped-no-local-endpoints", "externalTrafficPolicy Local"),
  noted("flow-of-a-removed-service-cleared", "proxy/conntrack/flow-of-a-removed-service-cleared", "deleted services"),
  noted("proxy-started-on-its-rules", "proxy/boot/rules-and-flows-are-there", "rules outlive kube-proxy"),
  noted("sync-put-off", "proxy/sync/waits-for-the-least-interval", "kube-proxy minSyncPeriod"),
  noted("address-of-nobody-asked", "runtime/packet/no-such-address", "a dead endpoint is still in the rules"),
  noted("refused", "traffic/refused", "a service without endpoints, or a pod that does not listen"),
  noted("timed-out", "traffic/timed-out", "what is lost has no answer"),
  noted("no-such-name", "traffic/no-such-name", "a headless service without ready endpoints has no address"),
  noted("source-not-allowed", "proxy/packet/dropped-source-not-allowed", "loadBalancerSourceRanges"),
  noted("load-balancer-told", "controllers/service-lb/address-told", "cloud-provider controllers/service"),
  noted("connection-reset", "traffic/reset", "a pod's successor has its address"),
  noted("host-restarted-with-rules", "proxy/boot/the-host-was-restarted", "a kernel that starts has no rules"),
  noted("range-changed-in-between", "apiserver/allocation/range-changed-in-between", "kubernetes#43233"),
  noted("allocation-refused", "apiserver/allocation/refused", "kubernetes pkg/registry/core/service/storage/alloc.go"),
  noted("allocation-given-back", "apiserver/allocation/given-back-unused", "transaction.go, Revert"),
  noted("allocated-for-a-service-under-way", "apiserver/allocation/may-have-leaked", "kubernetes#37488"),
  noted("leak-freed", "apiserver/allocation/leak-freed", "repair.go, numRepairsBeforeLeakCleanup"),
  noted("block-of-a-node-given-back", "controllers/node-ipam/released-with-its-node", "kubernetes#21458"),
  noted("node-with-another-block", "runtime/network/other-block", "kindnet: a node that was made anew"),
  {
    id: "network/sometimes/answered-by-no-endpoint",
    source: "a request that goes to a wrong endpoint is an observation",
    watch(reach, context) {
      const slices = sliceLedgerOf(context);
      return {
        concerns: { changes: ["results"], messages: [], notes: [] },
        onStep(_process, _before, after) {
          const last = after.kind === "trafficClient" ? after.results.at(-1) : undefined;
          if (after.kind !== "trafficClient" || last?.outcome !== "answered") return;
          const plan = after.config.plans.find(({ name }) => name === last.plan);
          const service = plan === undefined ? null : serviceOfPlan(slices.ledger, plan);
          if (service === null) return;
          if (slices.endpointsOf(service).every(({ targetRef }) => targetRef?.uid !== last.pod)) reach();
        },
      };
    },
  },
  {
    id: "network/sometimes/address-in-two-slices",
    source: "kubernetes#135593",
    watch(reach, context) {
      const slices = sliceLedgerOf(context);
      slices.ledger.on<EndpointSlice>("endpointslices", ({ before, after }) => {
        const all = slices.endpointsOf(serviceOfSlice(after ?? before)).map(({ addresses }) => addresses[0]);
        if (new Set(all).size < all.length) reach();
      });
      return { concerns: NO_CONCERNS };
    },
  },
  {
    id: "network/sometimes/only-near-endpoints-used",
    source: "kubernetes pkg/proxy/topology.go, topologyModeFromHints",
    watch(reach, context) {
      const slices = sliceLedgerOf(context);
      return {
        concerns: { changes: ["kernel"], messages: [], notes: [] },
        onStep(_process, before, after) {
          if (after.kind !== "proxy" || (before as ProxyState).kernel.rules === after.kernel.rules) return;
          mapEach(after.kernel.rules, "", null, (rules, service) => {
            const endpoints = slices.endpointsOf(service);
            if (endpoints.every(({ hints }) => hints === undefined)) return;
            const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
            if (rules.some(({ cluster }) => cluster.length > 0 && cluster.length < ready.length)) reach();
          });
        },
      };
    },
  },
  {
    id: "network/sometimes/service-made-again",
    source: "kubernetes#47711",
    changes: [
      "services",
      ({ before, after, previousRevision }: Change<Service>) =>
        before === null && after !== null && previousRevision > 0,
    ],
  },
  {
    id: "network/sometimes/endpoints-come-and-go",
    source: "kubernetes#110301: the last endpoint's removal",
    watch(reach, context) {
      const slices = sliceLedgerOf(context);
      const had = new Set<string>();
      const gone = new Set<string>();
      slices.ledger.on<EndpointSlice>("endpointslices", ({ before, after }) => {
        const service = serviceOfSlice(after ?? before);
        const isReady = slices.endpointsOf(service).some(({ conditions }) => conditions?.ready !== false);
        if (isReady && gone.has(service)) reach();
        if (isReady) had.add(service);
        else if (had.has(service)) gone.add(service);
      });
      return { concerns: NO_CONCERNS };
    },
  },
  {
    id: "network/sometimes/type-of-a-service-changed",
    source: "kubernetes pkg/registry/core/service/strategy.go, dropTypeDependentFields",
    changes: [
      "services",
      ({ before, after }: Change<Service>) => before !== null && after !== null && before.spec.type !== after.spec.type,
    ],
  },
];

/** What a campaign of the network must have come to. */
export const networkSituations: readonly ClusterProperty[] = SITUATIONS.map(sometimes);
