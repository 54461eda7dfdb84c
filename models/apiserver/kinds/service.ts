import type { Service, ServicePort, ServiceSpec } from "../../machinery/kinds/index.ts";
import { legacyCidrFlaws } from "../../machinery/net/index.ts";
import { needsHealthCheck, withAllocated, withoutTypeDependent } from "../allocation/index.ts";
import type { KindRules } from "./base.ts";
import { validateOneOf } from "./common.ts";
import { duplicate, type Errors, forbidden, invalid, invalidAll, notSupported, required } from "./fields.ts";
import { filled, mapped, mappedList } from "./fill.ts";
import { validateLabels } from "./meta.ts";
import { dns1035Label, dnsLabel, dnsSubdomain, ipAddress, portName, portNumber } from "./names.ts";

export const SERVICE: KindRules<Service> = {
  name: dns1035Label,
  defaults: (service) => mapped(service, "spec", serviceDefaults),
  create: (service) => ({ ...service, status: { loadBalancer: {} } }),
  update: keepAllocated,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  fields: ({ spec }) => ({ "spec.clusterIP": spec?.clusterIP ?? "", "spec.type": spec?.type ?? "" }),
};

/** core/v1 SetDefaults_Service. Addresses and node ports are handed out elsewhere. */
function serviceDefaults(spec: ServiceSpec): ServiceSpec {
  let result = filled(spec, { type: "ClusterIP", sessionAffinity: "None" });
  const isAccessible = result.type === "NodePort" || result.type === "LoadBalancer";
  if (result.sessionAffinity === "ClientIP" && result.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined)
    result = { ...result, sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } };
  if (isAccessible) result = filled(result, { externalTrafficPolicy: "Cluster" });
  if (result.type !== "ExternalName") result = filled(result, { internalTrafficPolicy: "Cluster" });
  if (result.type === "LoadBalancer") result = filled(result, { allocateLoadBalancerNodePorts: true });
  if (result.clusterIP !== undefined) result = filled(result, { clusterIPs: [result.clusterIP] });
  return mapped(result, "ports", (ports) => mappedList(ports, portDefaults));
}

function portDefaults(port: ServicePort): ServicePort {
  const target = port.targetPort === 0 || port.targetPort === "" ? { ...port, targetPort: port.port } : port;
  return filled(target, { protocol: "TCP", ...(port.port === undefined ? {} : { targetPort: port.port }) });
}

/** core/service storage patchAllocatedValues, and strategy.go dropTypeDependentFields: what was given out is kept or goes. */
function keepAllocated(service: Service, old: Service): Service {
  if (service.spec === undefined || old.spec === undefined) return service;
  return withoutTypeDependent(withAllocated(service, old), old);
}

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

/** core/validation ValidateService. */
function validateService(service: Service, errors: Errors): void {
  const spec: Partial<ServiceSpec> = service.spec ?? {};
  const type = spec.type ?? "ClusterIP";
  validateOneOf(type, TYPES, "spec.type", errors);
  const isHeadless = spec.clusterIP === "None";
  const ports = spec.ports ?? [];
  if (ports.length === 0 && !isHeadless && type !== "ExternalName") errors.push(required("spec.ports"));
  if (isHeadless && (type === "NodePort" || type === "LoadBalancer"))
    errors.push(invalid("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${type} services`));
  if (spec.clusterIP && !isHeadless) {
    if (type === "ExternalName") errors.push(forbidden("spec.clusterIPs", "may not be set for ExternalName services"));
    else invalidAll(errors, "spec.clusterIPs[0]", spec.clusterIP, ipAddress(spec.clusterIP));
  }
  if (type === "ExternalName") validateExternalName(spec.externalName, errors);
  validatePorts(ports, type, errors);
  validateLabels(spec.selector, "spec.selector", errors);
  if (!spec.sessionAffinity) errors.push(required("spec.sessionAffinity"));
  else validateOneOf(spec.sessionAffinity, ["ClientIP", "None"], "spec.sessionAffinity", errors);
  validateOneOf(spec.internalTrafficPolicy, ["Cluster", "Local"], "spec.internalTrafficPolicy", errors);
  validateExternalTraffic(spec, type, errors);
  (spec.externalIPs ?? []).forEach((address, index) => {
    invalidAll(errors, `spec.externalIPs[${index}]`, address, ipAddress(address));
  });
  validateSourceRanges(spec, type, errors);
}

/** Blocks may stand between spaces, as in the annotation that they come from. */
function validateSourceRanges(
  { loadBalancerSourceRanges: blocks = [] }: Partial<ServiceSpec>,
  type: string,
  errors: Errors,
) {
  if (blocks.length > 0 && type !== "LoadBalancer")
    errors.push(forbidden("spec.LoadBalancerSourceRanges", "may only be used when `type` is 'LoadBalancer'"));
  blocks.forEach((block, index) => {
    invalidAll(errors, `spec.LoadBalancerSourceRanges[${index}]`, block.trim(), legacyCidrFlaws(block.trim()));
  });
}

function validateExternalName(name: string | undefined, errors: Errors): void {
  if (!name) errors.push(required("spec.externalName"));
  else invalidAll(errors, "spec.externalName", name, dnsSubdomain(name.replace(/\.$/, "")));
}

function validateExternalTraffic(spec: Partial<ServiceSpec>, type: string, errors: Errors): void {
  const policy = spec.externalTrafficPolicy;
  if (policy === undefined) return;
  if (type !== "NodePort" && type !== "LoadBalancer" && (spec.externalIPs ?? []).length === 0)
    errors.push(invalid("spec.externalTrafficPolicy", policy, "may only be set for externally-accessible services"));
  else if (policy !== "Cluster" && policy !== "Local")
    errors.push(notSupported("spec.externalTrafficPolicy", policy, ["Cluster", "Local"]));
}

/** core/validation validateServicePort, and that names and ports are given once. */
function validatePorts(ports: readonly ServicePort[], type: string, errors: Errors): void {
  const names = new Set<string>();
  const numbers = new Set<string>();
  ports.forEach((port, index) => {
    const at = `spec.ports[${index}]`;
    if (!port.name) {
      if (ports.length > 1) errors.push(required(`${at}.name`));
    } else {
      invalidAll(errors, `${at}.name`, port.name, dnsLabel(port.name));
      if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    invalidAll(errors, `${at}.port`, port.port ?? 0, portNumber(port.port ?? 0));
    if (!port.protocol) errors.push(required(`${at}.protocol`));
    else validateOneOf(port.protocol, ["SCTP", "TCP", "UDP"], `${at}.protocol`, errors);
    if (typeof port.targetPort === "number")
      invalidAll(errors, `${at}.targetPort`, port.targetPort, portNumber(port.targetPort));
    else if (port.targetPort !== undefined)
      invalidAll(errors, `${at}.targetPort`, port.targetPort, portName(port.targetPort));
    if (port.nodePort && type !== "NodePort" && type !== "LoadBalancer")
      errors.push(forbidden(`${at}.nodePort`, `may not be used when \`type\` is '${type}'`));
    const key = `${port.protocol}/${port.port}`;
    if (numbers.has(key)) errors.push(duplicate(at, { protocol: port.protocol, port: port.port }));
    numbers.add(key);
  });
}

/** core/validation ValidateServiceClusterIPsRelatedFields on update: an address is kept for good. */
function validateServiceUpdate(service: Service, old: Service, errors: Errors): void {
  const before = old.spec?.clusterIP;
  const after = service.spec?.clusterIP;
  const isExternal = service.spec?.type === "ExternalName" || old.spec?.type === "ExternalName";
  if (before && !isExternal && after !== before)
    errors.push(invalid("spec.clusterIPs[0]", after ?? "", "may not change once set"));
  // core/validation validateServiceExternalTrafficFieldsUpdate.
  if (
    needsHealthCheck(old.spec ?? {}) &&
    needsHealthCheck(service.spec ?? {}) &&
    service.spec?.healthCheckNodePort !== old.spec?.healthCheckNodePort
  )
    errors.push(forbidden("spec.healthCheckNodePort", "field is immutable"));
}
