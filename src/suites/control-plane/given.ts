import type { Container, KubeObject, PodSpec } from "../../../models/machinery/kinds/index.ts";
import type { Given, GivenFile, Manifests } from "../../harness/suite.ts";
import { describeFlaws, readManifests } from "../../manifests/index.ts";
import { inOrderOfKinds } from "./defaults.ts";
import { WORKLOAD_KINDS, type WorkloadKind, type WorkloadPlan } from "./manifests.ts";
import type { ManifestSpec } from "./scenario.ts";
import { withoutSecrets } from "./secrets.ts";

/** How the suite takes manifests: checked as the API server does, and without what is in Secrets. */
export const manifests: Manifests = {
  read(files: readonly GivenFile[]): Given {
    const { objects, warnings, flaws } = readManifests(files);
    return {
      objects: objects.map(({ object }) => withoutSecrets(object)),
      warnings: describeFlaws(warnings),
      flaws: describeFlaws(flaws),
    };
  },
  inline(scenario, read) {
    if (!isRecord(scenario)) return scenario;
    const { system, workload } = scenario;
    const inlined = { ...scenario };
    if (isRecord(system)) inlined["system"] = withObjects(system, (names) => read(names, ["system", "manifests"]));
    if (Array.isArray(workload))
      inlined["workload"] = workload.map((operation: unknown, i) =>
        isRecord(operation) ? withObjects(operation, (names) => read(names, ["workload", i, "manifests"])) : operation,
      );
    return inlined;
  },
};

type Fields = Readonly<Record<string, unknown>>;

/** What has `manifests`, with the objects of those files behind its own. */
function withObjects(holder: Fields, read: (names: readonly string[]) => readonly unknown[]): Fields {
  const { manifests: names, objects = [], ...rest } = holder;
  if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === "string")) return holder;
  if (!Array.isArray(objects)) return holder;
  return { ...rest, objects: [...objects, ...read(names)] };
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects that a user brings along, and what has to be known of them. */
export interface GivenObjects {
  readonly objects: readonly ManifestSpec[];
  readonly plans: readonly WorkloadPlan[];
  /** Images of jobs and of init containers: their programs come to an end. */
  readonly images: readonly { readonly image: string; readonly exitsAfterMs: number }[];
}

/** @param given what {@link manifests} has read */
export function givenObjects(given: readonly unknown[]): GivenObjects {
  const objects = endingApart(given as readonly KubeObject[]);
  const ending = [...new Set(objects.flatMap((object) => endingContainers(object).map(({ image = "" }) => image)))];
  return {
    objects: inOrderOfKinds(objects as unknown as readonly ManifestSpec[]),
    plans: objects.flatMap(planOf),
    images: ending.map((image) => ({ image, exitsAfterMs: 1000 })),
  };
}

function planOf(object: KubeObject): readonly WorkloadPlan[] {
  if (!(WORKLOAD_KINDS as readonly string[]).includes(object.kind)) return [];
  const { name, namespace = "default" } = object.metadata;
  const { replicas } = (object as unknown as { readonly spec: { readonly replicas?: number } }).spec;
  return [
    {
      kind: object.kind as WorkloadKind,
      name,
      namespace,
      replicas: replicas ?? 1,
      image: "",
      graceSeconds: 30,
      tolerationSeconds: 300,
      readinessProbe: false,
      livenessProbe: false,
      surge: "25%",
      unavailable: "25%",
      recreate: false,
      parallel: false,
      budget: null,
      service: false,
      claims: "none",
      given: object as unknown as ManifestSpec,
    },
  ];
}

/**
 * A program behaves by its image: an image of which some containers run on and others must come to an end has another name
 * where it ends.
 */
function endingApart(objects: readonly KubeObject[]): readonly KubeObject[] {
  const running = new Set(objects.flatMap((object) => runningContainers(object).map(({ image = "" }) => image)));
  const apart = (container: Container): Container =>
    running.has(container.image ?? "") ? { ...container, image: `${container.image}-to-its-end` } : container;
  return objects.map((object) => withPodSpec(object, (spec) => withEnding(spec, isJob(object), apart)));
}

function withEnding(spec: PodSpec, job: boolean, apart: (container: Container) => Container): PodSpec {
  const { initContainers } = spec;
  return {
    ...spec,
    ...(initContainers === undefined
      ? {}
      : { initContainers: initContainers.map((one) => (isSidecar(one) ? one : apart(one))) }),
    ...(job ? { containers: spec.containers.map(apart) } : {}),
  };
}

function endingContainers(object: KubeObject): readonly Container[] {
  const spec = podSpecOf(object);
  if (spec === null) return [];
  const init = (spec.initContainers ?? []).filter((one) => !isSidecar(one));
  return isJob(object) ? [...init, ...spec.containers] : init;
}

function runningContainers(object: KubeObject): readonly Container[] {
  const spec = podSpecOf(object);
  if (spec === null) return [];
  const sidecars = (spec.initContainers ?? []).filter(isSidecar);
  return isJob(object) ? sidecars : [...sidecars, ...spec.containers];
}

function isSidecar({ restartPolicy }: Container & { readonly restartPolicy?: string }): boolean {
  return restartPolicy === "Always";
}

function isJob({ kind }: KubeObject): boolean {
  return kind === "Job" || kind === "CronJob";
}

function podSpecOf(object: KubeObject): PodSpec | null {
  let found: PodSpec | null = null;
  withPodSpec(object, (spec) => {
    found = spec;
    return spec;
  });
  return found;
}

interface Templated {
  readonly spec?: {
    readonly template?: { readonly spec?: PodSpec };
    readonly jobTemplate?: { readonly spec: { readonly template: { readonly spec: PodSpec } } };
  };
}

/** The object with the spec of its pods changed, if it has any. */
function withPodSpec(object: KubeObject, change: (spec: PodSpec) => PodSpec): KubeObject {
  if (object.kind === "Pod")
    return { ...object, spec: change((object as unknown as { spec: PodSpec }).spec) } as KubeObject;
  const { spec } = object as unknown as Templated;
  if (spec?.jobTemplate !== undefined) {
    const { jobTemplate } = spec;
    const template = { ...jobTemplate.spec.template, spec: change(jobTemplate.spec.template.spec) };
    return {
      ...object,
      spec: { ...spec, jobTemplate: { ...jobTemplate, spec: { ...jobTemplate.spec, template } } },
    } as KubeObject;
  }
  if (spec?.template?.spec === undefined) return object;
  const template = { ...spec.template, spec: change(spec.template.spec) };
  return { ...object, spec: { ...spec, template } } as KubeObject;
}
