/** What a pod gets where it says nothing (kubernetes pkg/apis/core/v1/defaults.go, zz_generated.defaults.go). */
import type {
  Container,
  ContainerPort,
  Json,
  PersistentVolumeClaimSpec,
  Pod,
  PodSpec,
  PodTemplateSpec,
  Probe,
  Quantity,
  ResourceList,
  ResourceRequirements,
  Volume,
} from "../../machinery/kinds/index.ts";
import { podRequests } from "../../machinery/pods.ts";
import { filled, mapped, mappedList } from "./fill.ts";

/** The tag `latest`, said or not: no tag and no digest (util/parsers ParseImageName). */
function isLatest(image: string): boolean {
  if (image.includes("@")) return false;
  const name = image.slice(image.lastIndexOf("/") + 1);
  const colon = name.indexOf(":");
  return colon < 0 || name.slice(colon + 1) === "latest";
}

const PROBE: Probe = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
const PROBE_NUMBERS = ["timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] as const;

/** SetDefaults_Probe, SetDefaults_HTTPGetAction. Zero counts as not said. */
function probeDefaults(probe: Probe): Probe {
  let said = probe;
  for (const name of PROBE_NUMBERS) {
    if (said[name] !== 0) continue;
    const { [name]: _, ...rest } = said;
    said = rest;
  }
  return mapped(filled(said, PROBE), "httpGet", (action) => filled(action, { path: "/", scheme: "HTTP" }));
}

type Handlers = NonNullable<Container["lifecycle"]>;

function handlerDefaults(handler: Json): Json {
  if (typeof handler !== "object" || handler === null || Array.isArray(handler)) return handler;
  return mapped(handler as { readonly httpGet?: Json }, "httpGet", (action) =>
    filled(action as { readonly path?: string }, { path: "/", scheme: "HTTP" } as object),
  ) as Json;
}

function lifecycleDefaults(lifecycle: Handlers): Handlers {
  return mapped(mapped(lifecycle, "postStart", handlerDefaults), "preStop", handlerDefaults);
}

function portDefaults(port: ContainerPort): ContainerPort {
  return port.protocol === undefined ? { ...port, protocol: "TCP" } : port;
}

interface EnvironmentVariable {
  readonly valueFrom?: { readonly fieldRef?: { readonly apiVersion?: string } };
}

/** SetDefaults_ObjectFieldSelector. */
function environmentDefaults(variable: Json): Json {
  return mapped(variable as EnvironmentVariable, "valueFrom", (source) =>
    mapped(source, "fieldRef", (reference) => filled(reference, { apiVersion: "v1" })),
  ) as Json;
}

/** SetDefaults_Container. */
function containerDefaults(container: Container): Container {
  let result = filled(container, {
    imagePullPolicy: isLatest(container.image ?? "") ? "Always" : "IfNotPresent",
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    resources: {},
  });
  result = mapped(result, "ports", (ports) => mappedList(ports, portDefaults));
  result = mapped(result, "env", (variables) => mappedList(variables, environmentDefaults));
  result = mapped(result, "startupProbe", probeDefaults);
  result = mapped(result, "livenessProbe", probeDefaults);
  result = mapped(result, "readinessProbe", probeDefaults);
  return mapped(result, "lifecycle", lifecycleDefaults);
}

interface Projection {
  readonly serviceAccountToken?: { readonly expirationSeconds?: number };
}

/** SetDefaults_Volume and those of its sources. */
function volumeDefaults(volume: Volume): Volume {
  const sources = Object.keys(volume).filter((key) => key !== "name");
  if (sources.length === 0) return { ...volume, emptyDir: {} };
  let result: { readonly [key: string]: Json | undefined } = volume as { readonly [key: string]: Json | undefined };
  for (const key of ["secret", "configMap", "downwardAPI", "projected"])
    result = mapped(
      result,
      key,
      (source) => filled(source as { defaultMode?: number }, { defaultMode: 0o644 }) as Json,
    );
  result = mapped(result, "hostPath", (source) => filled(source as { type?: string }, { type: "" }) as Json);
  result = mapped(
    result,
    "projected",
    (source) =>
      mapped(source as { readonly sources?: readonly Projection[] }, "sources", (projections) =>
        mappedList(projections, (projection) =>
          mapped(projection, "serviceAccountToken", (token) => filled(token, { expirationSeconds: 3600 })),
        ),
      ) as Json,
  );
  return mapped(
    result,
    "ephemeral",
    (source) =>
      mapped(
        source as { readonly volumeClaimTemplate?: { readonly spec?: PersistentVolumeClaimSpec } },
        "volumeClaimTemplate",
        (template) => mapped(template, "spec", claimSpecDefaults),
      ) as Json,
  ) as Volume;
}

/** SetDefaults_PersistentVolumeClaimSpec. */
export function claimSpecDefaults(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  return spec.volumeMode === undefined ? { ...spec, volumeMode: "Filesystem" } : spec;
}

/** SetDefaults_PodSpec. It is for templates too. */
export function podSpecDefaults(spec: PodSpec): PodSpec {
  let result = filled(spec, {
    containers: [],
    dnsPolicy: "ClusterFirst",
    restartPolicy: "Always",
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    schedulerName: "default-scheduler",
  });
  result = mapped(result, "volumes", (volumes) => mappedList(volumes, volumeDefaults));
  result = mapped(result, "initContainers", (containers) => mappedList(containers, containerDefaults));
  result = mapped(result, "containers", (containers) => mappedList(containers, containerDefaults));
  return result;
}

export function podTemplateDefaults(template: PodTemplateSpec): PodTemplateSpec {
  return mapped(template, "spec", podSpecDefaults);
}

/** SetDefaults_Pod: requests are the limits, where only those are said. Templates do not have it. */
function requestsFromLimits(resources: ResourceRequirements): ResourceRequirements {
  if (resources.limits === undefined) return resources;
  const requests = filled(resources.requests ?? {}, resources.limits);
  return requests === resources.requests ? resources : { ...resources, requests };
}

function containerOfPod(container: Container): Container {
  return mapped(container, "resources", requestsFromLimits);
}

function hostPorts(container: Container): Container {
  return mapped(container, "ports", (ports) =>
    mappedList(ports, (port) => (port.hostPort ? port : { ...port, hostPort: port.containerPort })),
  );
}

/** SetDefaults_Pod. */
export function podDefaults(spec: PodSpec): PodSpec {
  let result = filled(podSpecDefaults(spec), { enableServiceLinks: true });
  for (const list of ["initContainers", "containers"] as const) {
    result = mapped(result, list, (containers) => mappedList(containers, containerOfPod));
    if (result.hostNetwork === true) result = mapped(result, list, (containers) => mappedList(containers, hostPorts));
  }
  return mapped(result, "resources", (resources) =>
    isMapping(resources) ? podLevelRequests(resources, result) : resources,
  );
}

/**
 * defaults.go, setDefaultPodRequests: of CPU and memory, what the containers ask for together, or else what the pod is
 * limited to.
 */
function podLevelRequests(resources: ResourceRequirements, spec: PodSpec): ResourceRequirements {
  const requests = listIn(resources, "requests");
  const limits = listIn(resources, "limits");
  if (Object.keys(requests).length === 0 && Object.keys(limits).length === 0) return resources;
  const containers = askingAlone(spec.containers);
  const initContainers = askingAlone(spec.initContainers);
  const { milliCpu, memoryBytes } = podRequests({
    metadata: { name: "" },
    spec: { containers, initContainers },
  } as Pod);
  const together: Record<string, Quantity> = { cpu: `${milliCpu}m`, memory: `${memoryBytes}` };
  const added: Record<string, Quantity> = {};
  for (const name of ["cpu", "memory"]) {
    if (requests[name] !== undefined) continue;
    const isAsked = [...containers, ...initContainers].some((one) => one.resources?.requests?.[name] !== undefined);
    const amount = isAsked ? together[name] : limits[name];
    if (amount !== undefined) added[name] = amount;
  }
  return Object.keys(added).length === 0 ? resources : { ...resources, requests: { ...requests, ...added } };
}

/** The containers with nothing but their requests. They are not validated yet. */
function askingAlone(containers: readonly Container[] | undefined): readonly Container[] {
  if (!Array.isArray(containers)) return [];
  return (containers as readonly Container[]).filter(isMapping).map((container) => {
    const { name, restartPolicy, resources } = container;
    const requests = isMapping(resources) ? listIn(resources, "requests") : {};
    return { name, resources: { requests }, ...(restartPolicy !== undefined && { restartPolicy }) };
  });
}

function listIn(resources: ResourceRequirements, name: "requests" | "limits"): ResourceList {
  const list = resources[name];
  return isMapping(list) ? (list as ResourceList) : {};
}

function isMapping(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
