/** What containers must say (kubernetes pkg/apis/core/validation/validation.go, validateContainers and validateInitContainers). */
import type {
  Container,
  ContainerPort,
  Json,
  ResourceList,
  ResourceRequirements,
} from "../../machinery/kinds/index.ts";
import { compareQuantities } from "../../machinery/quantity.ts";
import { validateOneOf, validateResourceList } from "./common.ts";
import { duplicate, type Errors, forbidden, invalid, invalidAll, notFound, required } from "./fields.ts";
import { configKey, dnsLabel, dnsSubdomain, environmentName, portName, portNumber } from "./names.ts";
import { validateProbes } from "./probes.ts";

/** What containers refer to: the volumes of their pod, and the names already taken. */
export interface Surroundings {
  /** Names of volumes; null: they are not known (a StatefulSet's claims join later). */
  readonly volumes: ReadonlySet<string> | null;
  readonly names: Set<string>;
}

export function validateContainers(
  containers: readonly Container[],
  field: string,
  around: Surroundings,
  isInit: boolean,
  errors: Errors,
): void {
  containers.forEach((container, index) => {
    const at = `${field}[${index}]`;
    validateName(container, at, around, errors);
    validateContainer(container, at, around, errors);
    if (isInit && container.restartPolicy !== "Always") validateNoProbes(container, at, errors);
    else validateProbes(container, at, errors);
    if (isInit) validateHostPorts([container], field, errors);
  });
  if (!isInit) validateHostPorts(containers, field, errors);
}

/** AccumulateUniqueHostPorts. Init containers are looked at one by one, as they run. */
function validateHostPorts(containers: readonly Container[], field: string, errors: Errors): void {
  const taken = new Set<string>();
  containers.forEach(({ ports = [] }, index) => {
    ports.forEach(({ hostPort, protocol, hostIP = "" }, place) => {
      if (!hostPort) return;
      const text = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(text)) errors.push(duplicate(`${field}[${index}].ports[${place}].hostPort`, text));
      taken.add(text);
    });
  });
}

function validateName(container: Container, field: string, around: Surroundings, errors: Errors): void {
  if (!container.name) {
    errors.push(required(`${field}.name`));
    return;
  }
  invalidAll(errors, `${field}.name`, container.name, dnsLabel(container.name));
  if (around.names.has(container.name)) errors.push(duplicate(`${field}.name`, container.name));
  around.names.add(container.name);
}

/** validateContainerCommon. */
function validateContainer(container: Container, field: string, around: Surroundings, errors: Errors): void {
  const image = container.image ?? "";
  if (image === "") errors.push(required(`${field}.image`));
  else if (image !== image.trim())
    errors.push(invalid(`${field}.image`, image, "must not have leading or trailing whitespace"));
  validateOneOf(
    container.terminationMessagePolicy,
    ["File", "FallbackToLogsOnError"],
    `${field}.terminationMessagePolicy`,
    errors,
  );
  validateOneOf(container.restartPolicy, ["Always"], `${field}.restartPolicy`, errors);
  validatePorts(container.ports ?? [], `${field}.ports`, errors);
  validateEnvironment(container.env ?? [], `${field}.env`, errors);
  validateEnvironmentSources(container.envFrom ?? [], `${field}.envFrom`, errors);
  validateMounts(container.volumeMounts ?? [], `${field}.volumeMounts`, around, errors);
  validateOneOf(container.imagePullPolicy, ["Always", "IfNotPresent", "Never"], `${field}.imagePullPolicy`, errors);
  validateResources(container.resources, `${field}.resources`, errors);
}

const PROBES = ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle"] as const;

/** validateInitContainers: one that runs to its end has no probes and no hooks. */
function validateNoProbes(container: Container, field: string, errors: Errors): void {
  for (const name of PROBES)
    if (container[name] !== undefined)
      errors.push(forbidden(`${field}.${name}`, "may not be set for init containers without restartPolicy=Always"));
}

/** validateContainerPorts. */
function validatePorts(ports: readonly ContainerPort[], field: string, errors: Errors): void {
  const names = new Set<string>();
  ports.forEach((port, index) => {
    const at = `${field}[${index}]`;
    if (port.name) {
      const messages = portName(port.name);
      invalidAll(errors, `${at}.name`, port.name, messages);
      if (messages.length === 0 && names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    if (!port.containerPort) errors.push(required(`${at}.containerPort`));
    else invalidAll(errors, `${at}.containerPort`, port.containerPort, portNumber(port.containerPort));
    if (port.hostPort) invalidAll(errors, `${at}.hostPort`, port.hostPort, portNumber(port.hostPort));
    if (!port.protocol) errors.push(required(`${at}.protocol`));
    else validateOneOf(port.protocol, ["SCTP", "TCP", "UDP"], `${at}.protocol`, errors);
  });
}

interface EnvironmentVariable {
  readonly name?: string;
  readonly value?: string;
  readonly valueFrom?: { readonly [source: string]: Json | undefined };
}

/** ValidateEnv. */
function validateEnvironment(variables: readonly Json[], field: string, errors: Errors): void {
  variables.forEach((value, index) => {
    const { name, value: text, valueFrom } = value as EnvironmentVariable;
    const at = `${field}[${index}]`;
    if (!name) errors.push(required(`${at}.name`));
    else invalidAll(errors, `${at}.name`, name, environmentName(name));
    if (valueFrom === undefined) return;
    const sources = Object.keys(valueFrom);
    if (sources.length === 0)
      errors.push(
        invalid(
          `${at}.valueFrom`,
          "",
          "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
        ),
      );
    if (text !== undefined && text !== "" && sources.length > 0)
      errors.push(invalid(`${at}.valueFrom`, "", "may not be specified when `value` is not empty"));
    if (sources.length > 1)
      errors.push(invalid(`${at}.valueFrom`, "", "may not have more than one field specified at a time"));
    for (const source of ["configMapKeyRef", "secretKeyRef"])
      validateKey(valueFrom[source], `${at}.valueFrom.${source}`, errors);
  });
}

function validateKey(reference: Json | undefined, field: string, errors: Errors): void {
  if (reference === undefined) return;
  const { name, key } = reference as { readonly name?: string; readonly key?: string };
  if (!name) errors.push(required(`${field}.name`));
  if (!key) errors.push(required(`${field}.key`));
  else invalidAll(errors, `${field}.key`, key, configKey(key));
}

/** ValidateEnvFrom. */
function validateEnvironmentSources(sources: readonly Json[], field: string, errors: Errors): void {
  sources.forEach((value, index) => {
    const { configMapRef, secretRef } = value as {
      readonly configMapRef?: { readonly name?: string };
      readonly secretRef?: { readonly name?: string };
    };
    const at = `${field}[${index}]`;
    if (configMapRef === undefined && secretRef === undefined)
      errors.push(invalid(at, "", "must specify one of: `configMapRef` or `secretRef`"));
    if (configMapRef !== undefined && secretRef !== undefined)
      errors.push(invalid(at, "", "may not have more than one field specified at a time"));
    if (configMapRef !== undefined) validateReference(configMapRef.name, `${at}.configMapRef.name`, errors);
    if (secretRef !== undefined) validateReference(secretRef.name, `${at}.secretRef.name`, errors);
  });
}

function validateReference(name: string | undefined, field: string, errors: Errors): void {
  if (!name) errors.push(required(field));
  else invalidAll(errors, field, name, dnsSubdomain(name));
}

/** ValidateVolumeMounts. */
function validateMounts(mounts: readonly Json[], field: string, around: Surroundings, errors: Errors): void {
  const paths = new Set<string>();
  mounts.forEach((value, index) => {
    const { name, mountPath, subPath } = value as {
      readonly name?: string;
      readonly mountPath?: string;
      readonly subPath?: string;
    };
    const at = `${field}[${index}]`;
    if (!name) errors.push(required(`${at}.name`));
    else if (around.volumes !== null && !around.volumes.has(name)) errors.push(notFound(`${at}.name`, name));
    if (!mountPath) errors.push(required(`${at}.mountPath`));
    else {
      if (paths.has(mountPath)) errors.push(invalid(`${at}.mountPath`, mountPath, "must be unique"));
      paths.add(mountPath);
    }
    if (subPath?.startsWith("/")) errors.push(invalid(`${at}.subPath`, subPath, "must be a relative path"));
    if (subPath?.split("/").includes("..")) errors.push(invalid(`${at}.subPath`, subPath, "must not contain '..'"));
  });
}

/** ValidateContainerResourceRequirements: quantities, and no request above its limit. */
export function validateResources(resources: ResourceRequirements | undefined, field: string, errors: Errors): void {
  if (resources === undefined) return;
  const before = errors.length;
  validateResourceList(resources.limits, `${field}.limits`, errors);
  validateResourceList(resources.requests, `${field}.requests`, errors);
  if (errors.length > before) return;
  const { requests = {}, limits = {} } = resources;
  validateRequestsWithinLimits(requests, limits, field, errors);
  const names = [...Object.keys(requests), ...Object.keys(limits)];
  if (names.some((name) => name.startsWith("hugepages-")) && !names.includes("cpu") && !names.includes("memory"))
    errors.push(forbidden(field, "HugePages require cpu or memory"));
}

function validateRequestsWithinLimits(
  requests: ResourceList,
  limits: ResourceList,
  field: string,
  errors: Errors,
): void {
  for (const name of Object.keys(requests)) {
    const limit = limits[name];
    const request = requests[name]!;
    const isExtended = name.includes("/") || name.startsWith("hugepages-");
    if (limit === undefined) {
      if (isExtended) errors.push(required(`${field}.limits`, "Limit must be set for non overcommitable resources"));
    } else if (isExtended && compareQuantities(request, limit) !== 0)
      errors.push(invalid(`${field}.requests`, String(request), `must be equal to ${name} limit of ${limit}`));
    else if (compareQuantities(request, limit) > 0)
      errors.push(
        invalid(`${field}.requests`, String(request), `must be less than or equal to ${name} limit of ${limit}`),
      );
  }
}
