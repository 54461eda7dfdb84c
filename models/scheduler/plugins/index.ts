export { defaultProfile, profileOf } from "./profiles.ts";
export { DEFAULT_ARGS, type PluginArgs, pluginNames } from "./registry.ts";
