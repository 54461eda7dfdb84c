import { describe, test } from "vitest";
import { check, type Fields, named, nodes, pod, pods, type Row, selector } from "./rows.ts";

const term = (topologyKey: string, text: string, more: Fields = {}) => ({
  labelSelector: selector(text),
  topologyKey,
  ...more,
});
type Term = ReturnType<typeof term>;

const required = (terms: readonly Term[]) => ({ requiredDuringSchedulingIgnoredDuringExecution: terms });
const preferred = (weighted: readonly (readonly [number, Term])[]) => ({
  preferredDuringSchedulingIgnoredDuringExecution: weighted.map(([weight, podAffinityTerm]) => ({
    weight,
    podAffinityTerm,
  })),
});
const near = (...terms: readonly Term[]) => ({ affinity: { podAffinity: required(terms) } });
const away = (...terms: readonly Term[]) => ({ affinity: { podAntiAffinity: required(terms) } });

const NEAR = "node(s) didn't match pod affinity rules";
const AWAY = "node(s) didn't match pod anti-affinity rules";
const EXISTING = "node(s) didn't satisfy existing pods anti-affinity rules";

const REGIONS = nodes("nodea region=China; nodeb region=China az=az1; nodec region=India");
const SAME_ZONE = nodes("nodea region=r1 zone=z1 hostname=nodea; nodeb region=r1 zone=z1 hostname=nodeb");
const TWO_ZONES = nodes("nodea region=r1 zone=z1 hostname=nodea; nodeb region=r1 zone=z2 hostname=nodeb");
const THREE_ZONES = [...TWO_ZONES, ...nodes("nodec region=r1 zone=z3 hostname=nodec")];

/** filtering_test.go, TestRequiredAffinityMultipleNodes. */
const SEVERAL: readonly Row[] = [
  {
    name: "onto all the nodes that have the same topology key & label value with one that has a matching pod",
    nodes: REGIONS,
    existing: pods("p1@nodea foo=bar"),
    pod: pod("p", "", near(term("region", "foo=bar"))),
    filter: "nodea:S nodeb:S nodec:R",
    reasons: { nodec: [NEAR] },
  },
  {
    name: "the first pod of a collection is not blocked",
    nodes: nodes("nodea zone=az1 hostname=h1; nodeb zone=az2 hostname=h2"),
    existing: pods("p1@nodea foo=bar"),
    pod: pod("p", "foo=bar service=securityscan", near(term("zone", "foo=bar"), term("zone", "service=securityscan"))),
    filter: "nodea:S nodeb:S",
  },
  {
    name: "anti-affinity to a pod in the same region",
    nodes: nodes("nodea region=r1 hostname=nodea; nodeb region=r1 hostname=nodeb"),
    existing: pods("e@nodea foo=abc"),
    pod: pod("p", "", away(term("region", "foo=abc"))),
    filter: "nodea:U nodeb:U",
    reasons: { nodea: [AWAY], nodeb: [AWAY] },
  },
  {
    name: "anti-affinity matches a pod when any term matches it",
    nodes: TWO_ZONES,
    existing: pods("e@nodea foo=abc service=securityscan"),
    pod: pod("p", "", away(term("region", "foo=abc"), term("zone", "service=securityscan"))),
    filter: "nodea:U nodeb:U",
    reasons: { nodea: [AWAY], nodeb: [AWAY] },
  },
  {
    name: "anti-affinity leaves the other region",
    nodes: REGIONS,
    existing: pods("e@nodea foo=abc"),
    pod: pod("p", "", away(term("region", "foo=abc"))),
    filter: "nodea:U nodeb:U nodec:S",
  },
  {
    name: "a term of a pod in a different namespace does not count",
    nodes: REGIONS,
    existing: [pod("ns1/e1@nodea", "foo=bar"), pod("ns2/e2@nodec", "", away(term("region", "foo=123")))],
    pod: pod("ns1/p", "foo=123", away(term("region", "foo=bar"))),
    filter: "nodea:U nodeb:U nodec:S",
  },
  {
    name: "existing: a term with invalid topologyKey",
    nodes: SAME_ZONE,
    existing: [pod("e@nodea", "", away(term("invalid-node-label", "foo")))],
    pod: pod("p", "foo"),
    filter: "nodea:S nodeb:S",
  },
  {
    name: "incoming: even if labelSelector matches, we still check if topologyKey matches",
    nodes: SAME_ZONE,
    existing: pods("e@nodea foo"),
    pod: pod("p", "", away(term("invalid-node-label", "foo"))),
    filter: "nodea:S nodeb:S",
  },
  {
    name: "existing: it violates each existing pod's terms on all nodes",
    nodes: TWO_ZONES,
    existing: [pod("e1@nodea", "", away(term("zone", "foo"))), pod("e2@nodea", "", away(term("region", "bar")))],
    pod: pod("p", "foo bar"),
    filter: "nodea:U nodeb:U",
    reasons: { nodea: [EXISTING], nodeb: [EXISTING] },
  },
  {
    name: "incoming: it at least violates one anti-affinity rule of an existing pod",
    nodes: TWO_ZONES,
    existing: pods("e1@nodea foo; e2@nodeb bar"),
    pod: pod("p", "", away(term("zone", "foo"), term("region", "bar"))),
    filter: "nodea:U nodeb:U",
    reasons: { nodea: [AWAY], nodeb: [AWAY] },
  },
  {
    name: "existing: only when labelSelector and topologyKey both match, one term has invalid topologyKey",
    nodes: TWO_ZONES,
    existing: [pod("e@nodea", "", away(term("invalid-node-label", "foo"), term("zone", "bar")))],
    pod: pod("p", "foo bar"),
    filter: "nodea:U nodeb:S",
    reasons: { nodea: [EXISTING] },
  },
  {
    name: "incoming: only when labelSelector and topologyKey both match, one term has invalid topologyKey",
    nodes: TWO_ZONES,
    existing: pods("e@nodea foo bar"),
    pod: pod("p", "", away(term("invalid-node-label", "foo"), term("zone", "bar"))),
    filter: "nodea:U nodeb:S",
    reasons: { nodea: [AWAY] },
  },
  {
    name: "existing: all terms have valid topologyKey",
    nodes: TWO_ZONES,
    existing: [pod("e@nodea", "", away(term("region", "foo"), term("zone", "bar")))],
    pod: pod("p", "foo bar"),
    filter: "nodea:U nodeb:U",
  },
  {
    name: "incoming: all terms have valid topologyKey",
    nodes: TWO_ZONES,
    existing: pods("e@nodea foo bar"),
    pod: pod("p", "", away(term("region", "foo"), term("zone", "bar"))),
    filter: "nodea:U nodeb:U",
  },
  {
    name: "existing: at least one term matches on two nodes, so only the third",
    nodes: THREE_ZONES,
    existing: [
      pod("e1@nodea", "", away(term("zone", "foo"), term("zone", "labelA"))),
      pod("e2@nodeb", "", away(term("zone", "bar"), term("zone", "labelB"))),
    ],
    pod: pod("p", "foo bar"),
    filter: "nodea:U nodeb:U nodec:S",
  },
  {
    name: "affinity: firstly check if all affinityTerms match, and then check if all topologyKeys match",
    nodes: SAME_ZONE,
    existing: pods("pod1@nodea foo bar"),
    pod: pod("p", "", near(term("region", "foo"), term("zone", "bar"))),
    filter: "nodea:S nodeb:S",
  },
  {
    name: "affinity: the match logic should be satisfied on the same pod",
    nodes: TWO_ZONES,
    existing: pods("pod1@nodea foo; pod2@nodeb bar"),
    pod: pod("p", "", near(term("region", "foo"), term("zone", "bar"))),
    filter: "nodea:R nodeb:R",
    reasons: { nodea: [NEAR], nodeb: [NEAR] },
  },
  {
    name: "anti-affinity of both sides, TestPreFilterDisabled",
    nodes: nodes("nodea region=China; nodeb region=China az=az1; nodec region=India; noded region=US"),
    existing: [pod("e1@nodea", "foo=bar"), pod("e2@nodec", "", away(term("region", "foo=123")))],
    pod: pod("p", "foo=123", away(term("region", "foo=bar"))),
    filter: "nodea:U nodeb:U nodec:U noded:S",
    reasons: { nodea: [AWAY], nodec: [EXISTING] },
  },
];

const STAY_S1 = { affinity: { podAffinity: preferred([[5, term("region", "security=S1")]]) } };
const STAY_S2 = { affinity: { podAffinity: preferred([[6, term("region", "security=S2")]]) } };
const OPERATORS = {
  affinity: {
    podAffinity: preferred([
      [8, term("region", "security!=S1 security=S2")],
      [2, term("region", "security !wrongkey")],
    ]),
  },
};
const HARD = near(term("region", "security=S1|value2"), term("region", "security !wrongkey"));
const AWAY_S1 = { affinity: { podAntiAffinity: preferred([[5, term("az", "security=S1")]]) } };
const AWAY_S2 = { affinity: { podAntiAffinity: preferred([[5, term("az", "security=S2")]]) } };
const BOTH = {
  affinity: {
    podAffinity: preferred([[8, term("region", "security=S1")]]),
    podAntiAffinity: preferred([[5, term("az", "security=S2")]]),
  },
};
const TEAM1 = { namespaces: ["subteam2-team2"], namespaceSelector: selector("team=team1") };
const NEAR_TEAM = { affinity: { podAffinity: preferred([[5, term("region", "security=S1", TEAM1)]]) } };
const AWAY_TEAM = { affinity: { podAntiAffinity: preferred([[5, term("region", "security=S1", TEAM1)]]) } };
const SERVICE = near(
  term("region", "service=S1", {
    namespaces: ["default", "subteam2-team2"],
    namespaceSelector: selector("team=team1"),
  }),
);

const NAMESPACES = ["team1", "team2"].flatMap((team) =>
  ["subteam1", "subteam2"].map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: `${name}-${team}`, labels: { team } },
  })),
);

const THREE = nodes("node1 region=China; node2 region=India; node3 az=az1");
const FIVE = nodes(
  "node1 region=China; node2 region=India; node3 region=China; node4 region=China; node5 region=India",
);
const PAIR = nodes("node1 region=China; node2 region=India");
const TEAMS = pods(
  "subteam1-team1/e1@node1 security=S1; subteam1-team1/e2@node1 security=S1; subteam1-team2/e3@node1 security=S1; subteam2-team1/e4@node2 security=S1",
);
const TEAMS_NAMED = pods(
  "subteam1-team1/e1@node1 security=S1; subteam1-team1/e2@node1 security=S1; subteam2-team2/e3@node1 security=S1; subteam2-team1/e4@node2 security=S1",
);
const ASKED = [pod("e1@node1", "security=S1", BOTH), pod("e2@node2", "security=S2", STAY_S2)];

/** scoring_test.go, TestPreferredAffinity. */
const SCORES: readonly Row[] = [
  { name: "all nodes are same priority as Affinity is nil", nodes: THREE, pod: pod("p", "security=S1"), score: "" },
  {
    name: "pod that matches topology key & pods in nodes will get high score",
    nodes: THREE,
    existing: pods("e1@node1 security=S1; e2@node2 security=S2; e3@node3 security=S1"),
    pod: pod("p", "security=S1", STAY_S1),
    score: "node1:100 node2:0 node3:0",
  },
  {
    name: "all the nodes that have the same topology key & label value have the same score",
    nodes: nodes("node1 region=China; node2 region=China az=az1; node3 region=India"),
    existing: pods("e1@node1 security=S1"),
    pod: pod("p", "", STAY_S1),
    score: "node1:100 node2:100 node3:0",
  },
  {
    name: "the region which has more matches will get high score",
    nodes: FIVE,
    existing: pods(
      "e1@node1 security=S2; e2@node1 security=S2; e3@node2 security=S2; e4@node3 security=S2; e5@node4 security=S2; e6@node5 security=S2",
    ),
    pod: pod("p", "security=S1", STAY_S2),
    score: "node1:100 node2:0 node3:100 node4:100 node5:0",
  },
  {
    name: "different Label operators and values, including some match failures",
    nodes: THREE,
    existing: pods("e1@node1 security=S1; e2@node2 security=S2; e3@node3 security=S1"),
    pod: pod("p", "security=S1", OPERATORS),
    score: "node1:20 node2:100 node3:0",
  },
  {
    name: "symmetry: preferred terms of existing pods",
    nodes: THREE,
    existing: [pod("e1@node1", "security=S1", STAY_S1), pod("e2@node2", "security=S2", STAY_S2)],
    pod: pod("p", "security=S2"),
    score: "node1:0 node2:100 node3:0",
  },
  {
    name: "Affinity symmetry with namespace selector",
    nodes: THREE,
    existing: [pod("e1@node1", "security=S1", NEAR_TEAM), pod("e2@node2", "security=S2", STAY_S2)],
    pod: pod("subteam1-team1/p", "security=S1"),
    objects: NAMESPACES,
    score: "node1:100 node2:0 node3:0",
  },
  {
    name: "AntiAffinity symmetry with namespace selector",
    nodes: THREE,
    existing: [pod("e1@node1", "security=S1", AWAY_TEAM), pod("e2@node2", "security=S2", STAY_S2)],
    pod: pod("subteam1-team1/p", "security=S1"),
    objects: NAMESPACES,
    score: "node1:0 node2:100 node3:100",
  },
  {
    name: "symmetry: required terms of existing pods",
    nodes: THREE,
    existing: [pod("e1@node1", "security=S1", HARD), pod("e2@node2", "security=S2", HARD)],
    pod: pod("p", "security=S1"),
    score: "node1:100 node2:100 node3:0",
  },
  {
    name: "Anti Affinity: pod that does not match existing pods in node will get high score",
    nodes: nodes("node1 az=az1; node2 region=China"),
    existing: pods("e1@node1 security=S1; e2@node2 security=S2"),
    pod: pod("p", "security=S1", AWAY_S1),
    score: "node1:0 node2:100",
  },
  {
    name: "Anti Affinity: pod that does not match topology key",
    nodes: nodes("node1 az=az1; node2 region=China"),
    existing: pods("e1@node1 security=S1; e2@node2 security=S1"),
    pod: pod("p", "security=S1", AWAY_S1),
    score: "node1:0 node2:100",
  },
  {
    name: "Anti Affinity: one node has more matching pods",
    nodes: nodes("node1 az=az1; node2 region=India"),
    existing: pods("e1@node1 security=S1; e2@node1 security=S1; e3@node2 security=S2"),
    pod: pod("p", "security=S1", AWAY_S1),
    score: "node1:0 node2:100",
  },
  {
    name: "Anti Affinity symmetry",
    nodes: nodes("node1 az=az1; node2 az=az2"),
    existing: [pod("e1@node1", "security=S1", AWAY_S2), pod("e2@node2", "security=S2", AWAY_S1)],
    pod: pod("p", "security=S2"),
    score: "node1:0 node2:100",
  },
  {
    name: "Affinity and Anti Affinity",
    nodes: nodes("node1 region=China; node2 az=az1"),
    existing: pods("e1@node1 security=S1; e2@node2 security=S1"),
    pod: pod("p", "security=S1", BOTH),
    score: "node1:100 node2:0",
  },
  {
    name: "Affinity and Anti Affinity, with the same labels",
    nodes: nodes(
      "node1 region=China az=az1; node2 region=India; node3 region=China; node4 region=China; node5 region=India",
    ),
    existing: pods(
      "e1@node1 security=S1; e2@node1 security=S1; e3@node2 security=S1; e4@node3 security=S1; e5@node3 security=S1; e6@node4 security=S1; e7@node5 security=S1",
    ),
    pod: pod("p", "security=S1", BOTH),
    score: "node1:100 node2:0 node3:100 node4:100 node5:0",
  },
  {
    name: "Affinity and Anti Affinity and symmetry",
    nodes: nodes("node1 region=China; node2 az=az1; node3 region=India; node4 az=az2"),
    existing: [
      ...pods("e1@node1 security=S1; e2@node2 security=S2"),
      pod("e3@node3", "", BOTH),
      pod("e4@node4", "", AWAY_S1),
    ],
    pod: pod("p", "security=S1", BOTH),
    score: "node1:100 node2:0 node3:100 node4:0",
  },
  {
    name: "partial nodes in a topology don't have pods with affinity",
    nodes: nodes("node1 region=China; node2 region=China"),
    existing: [pod("e1@node1", "security=S1"), pod("e2@node2", "", BOTH)],
    pod: pod("p", "security=S1"),
    score: "node1:0 node2:0",
  },
  {
    name: "Affinity with pods matching NamespaceSelector",
    nodes: PAIR,
    existing: TEAMS,
    pod: pod("subteam1-team1/p", "security=S1", NEAR_TEAM),
    objects: NAMESPACES,
    score: "node1:100 node2:0",
  },
  {
    name: "Affinity with pods matching both NamespaceSelector and Namespaces fields",
    nodes: PAIR,
    existing: TEAMS_NAMED,
    pod: pod("subteam1-team1/p", "security=S1", NEAR_TEAM),
    objects: NAMESPACES,
    score: "node1:100 node2:0",
  },
  {
    name: "Anti Affinity with pods matching NamespaceSelector",
    nodes: PAIR,
    existing: TEAMS,
    pod: pod("subteam1-team1/p", "security=S1", AWAY_TEAM),
    objects: NAMESPACES,
    score: "node1:0 node2:100",
  },
  {
    name: "Anti Affinity with pods matching both NamespaceSelector and Namespaces fields",
    nodes: PAIR,
    existing: TEAMS_NAMED,
    pod: pod("subteam1-team1/p", "security=S1", AWAY_TEAM),
    objects: NAMESPACES,
    score: "node1:0 node2:100",
  },
  {
    name: "Ignore preferred terms of existing pods",
    nodes: PAIR,
    existing: ASKED,
    pod: pod("p", "security=S2"),
    args: { ignorePreferredTermsOfExistingPods: true },
    score: "",
  },
  {
    name: "Do not ignore preferred terms of existing pods",
    nodes: PAIR,
    existing: ASKED,
    pod: pod("p", "security=S2"),
    args: { ignorePreferredTermsOfExistingPods: false },
    score: "node1:0 node2:100",
  },
];

const serving = (namespace: string, args: Fields, score: string, name: string): Row => ({
  name,
  nodes: THREE,
  existing: [pod("e1@node1", "", SERVICE), pod("e2@node2", "", SERVICE)],
  pod: pod(`${namespace}/p`, "service=S1"),
  objects: NAMESPACES,
  args,
  score,
});

/** scoring_test.go, TestPreferredAffinityWithHardPodAffinitySymmetricWeight. */
const HARD_WEIGHT: readonly Row[] = [
  serving("default", {}, "node1:100 node2:100 node3:0", "with default weight"),
  serving("default", { hardPodAffinityWeight: 0 }, "", "with zero weight"),
  serving("subteam1-team2", {}, "", "with no matching namespace"),
  serving("subteam1-team1", {}, "node1:100 node2:100 node3:0", "with matching NamespaceSelector"),
  serving("subteam2-team2", {}, "node1:100 node2:100 node3:0", "with matching Namespaces"),
];

describe("InterPodAffinity", () => {
  test.each(named(SEVERAL))("several nodes: %s", (_, row) => check("InterPodAffinity", row));
  test.each(named(SCORES))("score: %s", (_, row) => check("InterPodAffinity", row));
  test.each(named(HARD_WEIGHT))("hardPodAffinityWeight: %s", (_, row) => check("InterPodAffinity", row));
});
