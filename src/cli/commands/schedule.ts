import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import type { KubeObject, Pod } from "../../../models/machinery/kinds/index.ts";
import type { Profile } from "../../../models/scheduler/framework/profile.ts";
import { readConfiguration } from "../../../models/scheduler/plugins/config.ts";
import { defaultProfile } from "../../../models/scheduler/plugins/index.ts";
import { describeFlaws, type ManifestFile, pathOf, readStoredObjects } from "../../manifests/index.ts";
import { readDocument, reasonOf } from "../document.ts";
import { EXIT, type ExitStatus, UsageError } from "../exit.ts";
import { paintFor } from "../paint.ts";
import { shownPath } from "../project.ts";
import { placePods } from "../scheduling/place.ts";
import { renderExplanation, renderPods } from "../scheduling/render.ts";
import { type PodResult, podResult } from "../scheduling/result.ts";
import { ResultWriter } from "../scheduling/writer.ts";
import { mustBeWritable } from "../writing.ts";

/** The options of `schedule`, as commander gives them. */
export interface ScheduleCommandOptions {
  readonly nodes: readonly string[];
  readonly pods: readonly string[];
  readonly explain?: true;
  readonly json?: string;
  readonly config?: string;
  readonly allPlugins?: true;
}

/** Says which node each pod would get, and why. */
export async function schedule(options: ScheduleCommandOptions): Promise<ExitStatus> {
  const { nodes, pods, explain, json, config, allPlugins } = options;
  const profiles = config === undefined ? [defaultProfile()] : profilesIn(config);
  const objects = objectsIn([...new Set([...nodes, ...pods])]);
  const has = (kind: string) => objects.some((object) => object.kind === kind);
  if (!has("Node")) throw new UsageError(`${nodes.join(", ")}: expected at least one Node`);
  if (!has("Pod")) throw new UsageError(`${pods.join(", ")}: expected at least one Pod`);
  const { placements, foreign } = placePods(objects, profiles, allPlugins === true);
  mustBeWritable({ "--json": json });
  const isExplained = explain === true || (allPlugins === true && json === undefined);
  const paint = paintFor(process.stdout);
  for (const { metadata, spec } of foreign)
    warn(
      `${metadata.namespace}/${metadata.name} is left to its scheduler, ${spec.schedulerName ?? "default-scheduler"}`,
    );
  const writer = json === undefined ? null : new ResultWriter(json);
  const results: PodResult[] = [];
  const explanations: string[] = [];
  for (const placement of placements) {
    const result = podResult(placement, isExplained || writer !== null);
    writer?.add(result);
    if (isExplained) explanations.push(renderExplanation(result, paint));
    results.push({ ...result, nodes: {} });
  }
  const isAgain = results.length > 0 && objects.every((object) => object.kind !== "Pod" || hasNode(object));
  if (isAgain) warn("no pod waits for a node: each is looked at as if it alone had none yet");
  if (results.length === 0) warn("no pod waits for a node: all have one (spec.nodeName), or have ended");
  else process.stdout.write(renderPods(results, paint));
  for (const explanation of explanations) process.stdout.write(explanation);
  return writer === null || writer.end() ? EXIT.holds : EXIT.fault;
}

function hasNode(pod: KubeObject): boolean {
  return ((pod as Pod).spec.nodeName ?? "") !== "";
}

function warn(line: string): void {
  process.stderr.write(`warning: ${line}\n`);
}

/** The objects of the files, as the cluster has them. */
function objectsIn(files: readonly string[]): readonly KubeObject[] {
  const { objects, warnings, flaws } = readStoredObjects(files.map(fileAt));
  for (const line of describeFlaws(warnings)) warn(line);
  if (flaws.length > 0) throw new UsageError(...describeFlaws(flaws));
  // Of those that are given twice the last one counts, in the place of the first.
  const byKey = new Map<string, KubeObject>();
  for (const { object } of objects) {
    const { namespace = "", name } = object.metadata;
    byKey.set(`${object.apiVersion} ${object.kind}/${namespace}/${name}`, object);
  }
  return [...byKey.values()];
}

function fileAt(path: string): ManifestFile {
  const shown = shownPath(resolve(path));
  try {
    return { path: shown, text: readFileSync(path, "utf8") };
  } catch (error) {
    throw new UsageError(`${shown}: cannot be read: ${reasonOf(error)}`);
  }
}

function profilesIn(file: string): readonly Profile[] {
  const document = readDocument(file);
  const read = readConfiguration(document.value);
  switch (read.kind) {
    case "configuration":
      return read.configuration.profiles;
    case "flaws":
      return document.reject(read.flaws.map(({ field, message }) => ({ path: [...pathOf(field)], message })));
  }
}
