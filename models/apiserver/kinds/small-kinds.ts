/** Kinds with few rules of their own: Event, Lease, ControllerRevision, EndpointSlice. */
import { deepEqual } from "../../machinery/equality.ts";
import type { ControllerRevision, EndpointSlice, Event, Lease } from "../../machinery/kinds/index.ts";
import type { KindRules } from "./base.ts";
import { validateNotNegative, validateOneOf } from "./common.ts";
import { duplicate, type Errors, invalid, invalidAll, notSupported, required, tooMany } from "./fields.ts";
import { mapped, mappedList } from "./fill.ts";
import { dnsLabel, dnsSubdomain, ipAddress } from "./names.ts";
import { validateImmutable } from "./pod-template.ts";

export const EVENT: KindRules<Event> = {
  // core/validation ValidateEvent
  validate: (event, errors) => {
    const namespace = event.involvedObject?.namespace ?? "";
    const own = event.metadata.namespace ?? "";
    if (namespace === "" ? own !== "default" && own !== "kube-system" : namespace !== own)
      errors.push(invalid("involvedObject.namespace", namespace, "does not match event.namespace"));
  },
  fields: ({ involvedObject, reason, source, type }) => ({
    "involvedObject.kind": involvedObject?.kind ?? "",
    "involvedObject.namespace": involvedObject?.namespace ?? "",
    "involvedObject.name": involvedObject?.name ?? "",
    "involvedObject.uid": involvedObject?.uid ?? "",
    "involvedObject.apiVersion": involvedObject?.apiVersion ?? "",
    "involvedObject.resourceVersion": involvedObject?.resourceVersion ?? "",
    "involvedObject.fieldPath": involvedObject?.fieldPath ?? "",
    reason: reason ?? "",
    source: source?.component ?? "",
    type: type ?? "",
  }),
};

export const LEASE: KindRules<Lease> = {
  // coordination/validation ValidateLeaseSpec
  validate: ({ spec }, errors) => {
    const duration = spec?.leaseDurationSeconds;
    if (duration !== undefined && duration <= 0)
      errors.push(invalid("spec.leaseDurationSeconds", duration, "must be greater than 0"));
    validateNotNegative(spec?.leaseTransitions, "spec.leaseTransitions", errors);
    if (spec?.holderIdentity === "") errors.push(invalid("spec.holderIdentity", "", "must not be empty"));
  },
};

export const CONTROLLER_REVISION: KindRules<ControllerRevision> = {
  // apps/validation ValidateControllerRevision
  validate: (revision, errors) => {
    if (revision.data === undefined || revision.data === null) errors.push(required("data", "data is mandatory"));
    validateNotNegative(revision.revision, "revision", errors);
  },
  validateUpdate: (revision, old, errors) => validateImmutable(revision.data, old.data, "data", errors),
};

const ADDRESSES_MAX = 100;
const ENDPOINTS_MAX = 1000;
const ADDRESS_TYPES = ["FQDN", "IPv4", "IPv6"];

export const ENDPOINT_SLICE: KindRules<EndpointSlice> = {
  // discovery/endpointslice strategy PrepareForUpdate: all but the metadata counts, and labels too.
  generation: (slice, old) =>
    !deepEqual(slice.endpoints, old.endpoints) ||
    !deepEqual(slice.ports, old.ports) ||
    !deepEqual(slice.metadata.labels ?? {}, old.metadata.labels ?? {}),
  // discovery/v1 SetDefaults_EndpointPort
  defaults: (slice) =>
    mapped(slice, "ports", (ports) =>
      mappedList(ports, (port) => (port.protocol === undefined ? { ...port, protocol: "TCP" } : port)),
    ),
  validate: validateSlice,
  validateUpdate: (slice, old, errors) => validateImmutable(slice.addressType, old.addressType, "addressType", errors),
};

/** discovery/validation ValidateEndpointSlice. */
function validateSlice(slice: EndpointSlice, errors: Errors): void {
  if (!slice.addressType) errors.push(required("addressType"));
  else if (!ADDRESS_TYPES.includes(slice.addressType))
    errors.push(notSupported("addressType", slice.addressType, ADDRESS_TYPES));
  const endpoints = slice.endpoints ?? [];
  if (endpoints.length > ENDPOINTS_MAX) errors.push(tooMany("endpoints", endpoints.length, ENDPOINTS_MAX));
  endpoints.forEach(({ addresses, hostname }, index) => {
    const at = `endpoints[${index}]`;
    if ((addresses ?? []).length === 0) errors.push(required(`${at}.addresses`, "must contain at least 1 address"));
    else if (addresses.length > ADDRESSES_MAX) errors.push(tooMany(`${at}.addresses`, addresses.length, ADDRESSES_MAX));
    (addresses ?? []).forEach((address, place) => {
      const wrong = slice.addressType === "FQDN" ? dnsSubdomain(address) : ipAddress(address);
      invalidAll(errors, `${at}.addresses[${place}]`, address, wrong);
    });
    if (hostname !== undefined) invalidAll(errors, `${at}.hostname`, hostname, dnsLabel(hostname));
  });
  validateSlicePorts(slice, errors);
}

function validateSlicePorts(slice: EndpointSlice, errors: Errors): void {
  const names = new Set<string>();
  (slice.ports ?? []).forEach(({ name, protocol }, index) => {
    const at = `ports[${index}]`;
    if (name) invalidAll(errors, `${at}.name`, name, dnsLabel(name));
    if (names.has(name ?? "")) errors.push(duplicate(`${at}.name`, name ?? ""));
    names.add(name ?? "");
    validateOneOf(protocol, ["SCTP", "TCP", "UDP"], `${at}.protocol`, errors);
  });
}
