/**
 * KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1) as it is written in a file: read, filled with defaults and
 * checked as the real one (kubernetes pkg/scheduler/apis/config/v1/defaults.go, validation/validation.go,
 * validation_pluginargs.go).
 */
import type { Profile } from "../framework/profile.ts";
import { argsIn } from "./config-args.ts";
import { type FieldFlaw, Fields } from "./config-fields.ts";
import { type PluginRef, type PluginSet, type PluginSets, profileOf } from "./profiles.ts";
import { DEFAULT_ARGS, isPlugin, type PluginArgs, pluginNames } from "./registry.ts";

export interface SchedulerConfiguration {
  readonly profiles: readonly Profile[];
  readonly podInitialBackoffSeconds: number;
  readonly podMaxBackoffSeconds: number;
}

export type ConfigurationRead =
  | { readonly kind: "configuration"; readonly configuration: SchedulerConfiguration }
  | { readonly kind: "flaws"; readonly flaws: readonly FieldFlaw[] };

const API_VERSION = "kubescheduler.config.k8s.io/v1";
const KIND = "KubeSchedulerConfiguration";
const POINTS = [
  "preEnqueue",
  "queueSort",
  "preFilter",
  "filter",
  "postFilter",
  "preScore",
  "score",
  "reserve",
  "permit",
  "preBind",
  "bind",
  "postBind",
  "multiPoint",
];
/** What is about the process, and means nothing to a decision. */
const OTHERS = [
  "parallelism",
  "leaderElection",
  "clientConnection",
  "healthzBindAddress",
  "metricsBindAddress",
  "enableProfiling",
  "enableContentionProfiling",
  "delayCacheUntilActive",
];

export function readConfiguration(value: unknown): ConfigurationRead {
  const flaws: FieldFlaw[] = [];
  const fields = new Fields(value, "", flaws);
  fields.only(
    "apiVersion",
    "kind",
    "profiles",
    "percentageOfNodesToScore",
    "extenders",
    "podInitialBackoffSeconds",
    "podMaxBackoffSeconds",
    ...OTHERS,
  );
  const apiVersion = fields.text("apiVersion", "");
  const kind = fields.text("kind", "");
  if (apiVersion !== API_VERSION || kind !== KIND)
    fields.flaw(
      apiVersion === API_VERSION ? "kind" : "apiVersion",
      `no kind "${kind}" is registered for version "${apiVersion}": expected ${KIND} of ${API_VERSION}`,
    );
  const parallelism = fields.integer("parallelism", 16);
  if (parallelism <= 0)
    fields.flaw("parallelism", `Invalid value: ${parallelism}: should be an integer value greater than zero`);
  const percentage = percentageIn(fields, 0);
  const initial = fields.integer("podInitialBackoffSeconds", 1);
  const max = fields.integer("podMaxBackoffSeconds", 10);
  if (initial <= 0) fields.flaw("podInitialBackoffSeconds", `Invalid value: ${initial}: must be greater than 0`);
  if (max < initial)
    fields.flaw(
      "podMaxBackoffSeconds",
      `Invalid value: ${max}: must be greater than or equal to PodInitialBackoffSeconds`,
    );
  if (fields.list("extenders").length > 0)
    fields.flaw("extenders", "Invalid value: extenders are other programs, and cannot be asked here");
  const profiles = profilesIn(fields, percentage);
  if (flaws.length > 0) return { kind: "flaws", flaws };
  const configuration = { profiles, podInitialBackoffSeconds: initial, podMaxBackoffSeconds: max };
  return { kind: "configuration", configuration };
}

function percentageIn(fields: Fields, otherwise: number): number {
  const percentage = fields.integer("percentageOfNodesToScore", otherwise);
  if (fields.has("percentageOfNodesToScore") && (percentage < 0 || percentage > 100))
    fields.flaw("percentageOfNodesToScore", `Invalid value: ${percentage}: not in valid range [0-100]`);
  return percentage;
}

/** defaults.go: without profiles, there is the default one; a single one needs no name. */
function profilesIn(fields: Fields, percentage: number): readonly Profile[] {
  const given = fields.list("profiles");
  const list = given.length === 0 ? [new Fields({}, "profiles[0]", fields.flaws)] : given;
  const names = new Set<string>();
  return list.map((profile) => {
    profile.only("schedulerName", "percentageOfNodesToScore", "plugins", "pluginConfig");
    const schedulerName = profile.text("schedulerName", list.length === 1 ? "default-scheduler" : "");
    if (schedulerName === "") profile.flaw("schedulerName", "Required value");
    if (names.has(schedulerName)) profile.flaw("schedulerName", `Duplicate value: "${schedulerName}"`);
    names.add(schedulerName);
    const plugins = pluginsIn(profile);
    const args = pluginConfigIn(profile);
    return profileOf({
      schedulerName,
      percentageOfNodesToScore: percentageIn(profile, percentage),
      plugins,
      args,
    });
  });
}

function pluginsIn(profile: Fields): PluginSets {
  const plugins = profile.mapping("plugins");
  plugins.only(...POINTS);
  const sets: Record<string, PluginSet> = {};
  for (const point of POINTS) {
    if (!plugins.has(point)) continue;
    const set = plugins.mapping(point);
    set.only("enabled", "disabled");
    const enabled = set.list("enabled").map((one) => refIn(one, true));
    const names = enabled.map(({ name }) => name);
    const twice = names.findIndex((name, i) => names.indexOf(name) < i);
    if (twice >= 0) set.flaw(`enabled[${twice}]`, `plugin "${names[twice]}" already registered as "${point}"`);
    sets[point] = { enabled, disabled: set.list("disabled").map((one) => refIn(one, false).name) };
  }
  return sets;
}

function refIn(fields: Fields, mustExist: boolean): PluginRef {
  fields.only("name", "weight");
  const name = fields.text("name", "");
  if (name === "") fields.flaw("name", "Required value");
  // What is switched off need not be there.
  else if (mustExist && !isPlugin(name))
    fields.flaw("name", `plugin "${name}" does not exist: expected one of ${pluginNames().join(", ")}`);
  const weight = fields.integer("weight", 0);
  if (weight < 0) fields.flaw("weight", `Invalid value: ${weight}: must not be negative`);
  return { name, weight };
}

function pluginConfigIn(profile: Fields): PluginArgs {
  let args: PluginArgs = DEFAULT_ARGS;
  const names = new Set<string>();
  for (const one of profile.list("pluginConfig")) {
    one.only("name", "args");
    const name = one.text("name", "");
    if (names.has(name)) one.flaw("", `Duplicate value: "${name}"`);
    names.add(name);
    if (!isPlugin(name))
      one.flaw("name", `Invalid value: "${name}": was not found among the plugins ${pluginNames().join(", ")}`);
    else args = argsIn(name, one.mapping("args"), args);
  }
  return args;
}
