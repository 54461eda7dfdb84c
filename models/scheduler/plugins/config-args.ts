/** The arguments of plugins in a configuration (kubernetes pkg/scheduler/apis/config/validation/validation_pluginargs.go). */
import type { NodeSelectorTerm } from "../../machinery/kinds/index.ts";
import { requirementFlaw } from "../framework/selectors.ts";
import type { Fields } from "./config-fields.ts";
import type { NodeAffinityArgs } from "./node-affinity.ts";
import type { NodeResourcesFitArgs } from "./node-resources-fit.ts";
import type { PluginArgs } from "./registry.ts";
import type { ResourceSpec } from "./resource-allocation.ts";
import type { ScoringStrategy, ShapePoint } from "./scoring-strategies.ts";
import type { DefaultConstraint, PodTopologySpreadArgs } from "./spread-constraints.ts";

const META = ["apiVersion", "kind"];

/** The arguments with those of a plugin as they are given. */
export function argsIn(plugin: string, fields: Fields, args: PluginArgs): PluginArgs {
  switch (plugin) {
    case "NodeAffinity":
      return { ...args, NodeAffinity: nodeAffinityArgs(fields) };
    case "NodeResourcesFit":
      return { ...args, NodeResourcesFit: fitArgs(fields, args.NodeResourcesFit) };
    case "NodeResourcesBalancedAllocation": {
      fields.only("resources", ...META);
      const resources = resourcesIn(fields, args.NodeResourcesBalancedAllocation.resources, 1);
      return { ...args, NodeResourcesBalancedAllocation: { resources } };
    }
    case "PodTopologySpread":
      return { ...args, PodTopologySpread: spreadArgs(fields) };
    case "InterPodAffinity":
      return { ...args, InterPodAffinity: interPodAffinityArgs(fields) };
    case "DefaultPreemption":
      return { ...args, DefaultPreemption: preemptionArgs(fields) };
    case "VolumeBinding": {
      fields.only("bindTimeoutSeconds", "shape", ...META);
      const timeout = fields.integer("bindTimeoutSeconds", 600);
      if (timeout < 0)
        fields.flaw(
          "bindTimeoutSeconds",
          `Invalid value: ${timeout}: invalid BindTimeoutSeconds, should not be a negative value`,
        );
      return args;
    }
    default:
      fields.only(...META);
      return args;
  }
}

/** ValidateNodeResourcesFitArgs. */
function fitArgs(fields: Fields, defaults: NodeResourcesFitArgs): NodeResourcesFitArgs {
  fields.only("ignoredResources", "ignoredResourceGroups", "scoringStrategy", ...META);
  const ignoredResources = fields.texts("ignoredResources", []);
  const ignoredResourceGroups = fields.texts("ignoredResourceGroups", []);
  for (const [i, group] of ignoredResourceGroups.entries())
    if (group.includes("/"))
      fields.flaw(`ignoredResourceGroups[${i}]`, `Invalid value: "${group}": resource group name can't contain '/'`);
  for (const [name, list] of [
    ["ignoredResources", ignoredResources],
    ["ignoredResourceGroups", ignoredResourceGroups],
  ] as const)
    for (const [i, one] of list.entries())
      if (requirementFlaw({ key: one, operator: "Exists", values: [] }) !== null)
        fields.flaw(`${name}[${i}]`, `Invalid value: "${one}": must be a qualified name`);
  if (!fields.has("scoringStrategy"))
    return { ignoredResources, ignoredResourceGroups, scoringStrategy: defaults.scoringStrategy };
  const strategy = fields.mapping("scoringStrategy");
  return { ignoredResources, ignoredResourceGroups, scoringStrategy: strategyIn(strategy, defaults.scoringStrategy) };
}

const TYPES = ["LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"];

function strategyIn(fields: Fields, defaults: ScoringStrategy): ScoringStrategy {
  fields.only("type", "resources", "requestedToCapacityRatio");
  const type = fields.text("type", "LeastAllocated");
  if (!TYPES.includes(type))
    fields.flaw("type", `Unsupported value: "${type}": supported values: ${TYPES.map((one) => `"${one}"`).join(", ")}`);
  const resources = resourcesIn(fields, defaults.resources, 100);
  if (type !== "RequestedToCapacityRatio") return { type: type as ScoringStrategy["type"], resources };
  if (!fields.has("requestedToCapacityRatio"))
    fields.flaw("requestedToCapacityRatio.shape", "Required value: at least one point must be specified");
  const ratio = fields.mapping("requestedToCapacityRatio");
  ratio.only("shape");
  return { type, resources, requestedToCapacityRatio: { shape: shapeIn(ratio) } };
}

/** validateResources: a weight that is not given, or 0, is 1 (apis/config/v1/defaults.go). */
function resourcesIn(fields: Fields, defaults: readonly ResourceSpec[], weightMax: number): readonly ResourceSpec[] {
  const names = new Set<string>();
  const resources = fields.list("resources").map((one) => {
    one.only("name", "weight");
    const name = one.text("name", "");
    const weight = one.integer("weight", 1) || 1;
    if (weight <= 0 || weight > weightMax) {
      const range = weightMax === 1 ? "must be 1" : `not in valid range (0, ${weightMax}]`;
      one.flaw("weight", `Invalid value: ${weight}: resource weight of ${name} ${range}`);
    }
    if (name === "") one.flaw("name", "Required value");
    else if (names.has(name)) one.flaw("", `Duplicate value: "${name}"`);
    names.add(name);
    return { name, weight };
  });
  return resources.length === 0 ? defaults : resources;
}

/** validateFunctionShape. */
function shapeIn(fields: Fields): readonly ShapePoint[] {
  const points = fields.list("shape").map((one, i, all) => {
    one.only("utilization", "score");
    const utilization = one.integer("utilization", 0);
    const score = one.integer("score", 0);
    if (utilization < 0 || utilization > 100)
      one.flaw("utilization", `Invalid value: ${utilization}: not in valid range [0-100]`);
    if (score < 0 || score > 10) one.flaw("score", `Invalid value: ${score}: not in valid range [0-10]`);
    const before = i === 0 ? -1 : all[i - 1]!.integer("utilization", 0);
    if (utilization <= before)
      one.flaw("utilization", `Invalid value: ${utilization}: utilization values must be sorted in increasing order`);
    return { utilization, score };
  });
  if (points.length === 0 && fields.has("shape"))
    fields.flaw("shape", "Required value: at least one point must be specified");
  return points;
}

/** ValidateInterPodAffinityArgs. */
function interPodAffinityArgs(fields: Fields): PluginArgs["InterPodAffinity"] {
  fields.only("hardPodAffinityWeight", "ignorePreferredTermsOfExistingPods", ...META);
  const hardPodAffinityWeight = fields.integer("hardPodAffinityWeight", 1);
  if (hardPodAffinityWeight < 0 || hardPodAffinityWeight > 100)
    fields.flaw("hardPodAffinityWeight", `Invalid value: ${hardPodAffinityWeight}: not in valid range [0-100]`);
  const ignorePreferredTermsOfExistingPods = fields.flag("ignorePreferredTermsOfExistingPods", false);
  return { hardPodAffinityWeight, ignorePreferredTermsOfExistingPods };
}

/** ValidateDefaultPreemptionArgs. */
function preemptionArgs(fields: Fields): PluginArgs["DefaultPreemption"] {
  fields.only("minCandidateNodesPercentage", "minCandidateNodesAbsolute", ...META);
  const minCandidateNodesPercentage = fields.integer("minCandidateNodesPercentage", 10);
  const minCandidateNodesAbsolute = fields.integer("minCandidateNodesAbsolute", 100);
  if (minCandidateNodesPercentage < 0 || minCandidateNodesPercentage > 100)
    fields.flaw(
      "minCandidateNodesPercentage",
      `Invalid value: ${minCandidateNodesPercentage}: not in valid range [0, 100]`,
    );
  if (minCandidateNodesAbsolute < 0)
    fields.flaw(
      "minCandidateNodesAbsolute",
      `Invalid value: ${minCandidateNodesAbsolute}: not in valid range [0, inf)`,
    );
  if (minCandidateNodesPercentage === 0 && minCandidateNodesAbsolute === 0)
    fields.flaw(
      "minCandidateNodesPercentage",
      "Invalid value: 0: cannot be zero at the same time as minCandidateNodesAbsolute",
    );
  return { minCandidateNodesPercentage, minCandidateNodesAbsolute };
}

/** ValidatePodTopologySpreadArgs. */
function spreadArgs(fields: Fields): PodTopologySpreadArgs {
  fields.only("defaultConstraints", "defaultingType", ...META);
  const list = fields.list("defaultConstraints");
  // Constraints that are given without a type are those that are meant.
  const defaultingType = fields.text("defaultingType", "System");
  if (defaultingType !== "System" && defaultingType !== "List")
    fields.flaw("defaultingType", `Unsupported value: "${defaultingType}": supported values: "System", "List"`);
  if (defaultingType === "System" && list.length > 0)
    fields.flaw("defaultConstraints", "Invalid value: when .defaultingType is System, must be empty");
  const seen = new Set<string>();
  const defaultConstraints = list.map((one) => {
    const constraint = constraintIn(one);
    const key = `${constraint.topologyKey} ${constraint.whenUnsatisfiable}`;
    if (seen.has(key)) one.flaw("", `Duplicate value: "{${constraint.topologyKey}, ${constraint.whenUnsatisfiable}}"`);
    seen.add(key);
    return constraint;
  });
  return { defaultingType: defaultingType as PodTopologySpreadArgs["defaultingType"], defaultConstraints };
}

function constraintIn(fields: Fields): DefaultConstraint {
  const maxSkew = fields.integer("maxSkew", 0);
  const topologyKey = fields.text("topologyKey", "");
  const whenUnsatisfiable = fields.text("whenUnsatisfiable", "");
  if (maxSkew <= 0) fields.flaw("maxSkew", `Invalid value: ${maxSkew}: must be greater than zero`);
  if (topologyKey === "") fields.flaw("topologyKey", "Required value: can not be empty");
  if (whenUnsatisfiable !== "DoNotSchedule" && whenUnsatisfiable !== "ScheduleAnyway")
    fields.flaw(
      "whenUnsatisfiable",
      `Unsupported value: "${whenUnsatisfiable}": supported values: "DoNotSchedule", "ScheduleAnyway"`,
    );
  if (fields.has("labelSelector"))
    fields.flaw("labelSelector", "Forbidden: constraint must not define a selector, as they deduced for each pod");
  fields.only(
    "maxSkew",
    "topologyKey",
    "whenUnsatisfiable",
    "labelSelector",
    "minDomains",
    "nodeAffinityPolicy",
    "nodeTaintsPolicy",
    "matchLabelKeys",
  );
  const minDomains = fields.integer("minDomains", 1);
  const nodeAffinityPolicy = fields.text("nodeAffinityPolicy", "Honor") as "Honor" | "Ignore";
  const nodeTaintsPolicy = fields.text("nodeTaintsPolicy", "Ignore") as "Honor" | "Ignore";
  return {
    maxSkew,
    topologyKey,
    whenUnsatisfiable: whenUnsatisfiable as DefaultConstraint["whenUnsatisfiable"],
    minDomains,
    nodeAffinityPolicy,
    nodeTaintsPolicy,
    matchLabelKeys: fields.texts("matchLabelKeys", []),
  };
}

/** ValidateNodeAffinityArgs. */
function nodeAffinityArgs(fields: Fields): NodeAffinityArgs {
  fields.only("addedAffinity", ...META);
  if (!fields.has("addedAffinity")) return {};
  const added = fields.mapping("addedAffinity");
  added.only("requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution");
  const required = added.mapping("requiredDuringSchedulingIgnoredDuringExecution");
  for (const term of required.list("nodeSelectorTerms")) checkTerm(term);
  for (const preferred of added.list("preferredDuringSchedulingIgnoredDuringExecution")) {
    const weight = preferred.integer("weight", 0);
    if (weight < 1 || weight > 100) preferred.flaw("weight", `Invalid value: ${weight}: must be in the range 1-100`);
    checkTerm(preferred.mapping("preference"));
  }
  return fields.flaws.length > 0
    ? {}
    : { addedAffinity: fields.raw("addedAffinity") as NonNullable<NodeAffinityArgs["addedAffinity"]> };
}

function checkTerm(term: Fields): void {
  term.only("matchExpressions", "matchFields");
  for (const name of ["matchExpressions", "matchFields"] as const)
    for (const one of term.list(name)) {
      one.only("key", "operator", "values");
      const operator = one.text("operator", "") as NonNullable<
        NodeSelectorTerm["matchExpressions"]
      >[number]["operator"];
      if (!["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"].includes(operator))
        one.flaw("operator", `Invalid value: "${operator}": not a valid selector operator`);
      const flaw = requirementFlaw({ key: one.text("key", ""), operator, values: one.texts("values", []) });
      if (flaw !== null) one.flaw("", flaw);
    }
}
