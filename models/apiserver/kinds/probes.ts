/** What probes and handlers must say (kubernetes pkg/apis/core/validation/validation.go). */
import type { Container, IntOrString, Probe } from "../../machinery/kinds/index.ts";
import { validateNotNegative, validateOneOf } from "./common.ts";
import { type Errors, forbidden, invalid, invalidAll, required } from "./fields.ts";
import { portName, portNumber } from "./names.ts";

/** The ways in which a probe or a hook asks. */
interface Handler {
  readonly exec?: { readonly command?: readonly string[] };
  readonly httpGet?: { readonly path?: string; readonly port?: IntOrString; readonly scheme?: string };
  readonly tcpSocket?: { readonly port?: IntOrString };
  readonly grpc?: { readonly port?: number };
  readonly sleep?: { readonly seconds?: number };
}

/** ValidatePortNumOrName. */
export function validatePort(port: IntOrString | undefined, field: string, errors: Errors): void {
  if (typeof port === "string") invalidAll(errors, field, port, portName(port));
  else invalidAll(errors, field, port ?? 0, portNumber(port ?? 0));
}

/** validateHandler: one way, and not more. */
function validateHandler(handler: Handler, field: string, errors: Errors): void {
  const more = (name: string, told: number) => {
    if (told > 0) errors.push(forbidden(`${field}.${name}`, "may not specify more than 1 handler type"));
    return told === 0;
  };
  let told = 0;
  if (handler.exec !== undefined) {
    if (more("exec", told) && (handler.exec.command ?? []).length === 0) errors.push(required(`${field}.exec.command`));
    told++;
  }
  if (handler.httpGet !== undefined) {
    if (more("httpGet", told)) {
      if (!handler.httpGet.path) errors.push(required(`${field}.httpGet.path`));
      validatePort(handler.httpGet.port, `${field}.httpGet.port`, errors);
      validateOneOf(handler.httpGet.scheme, ["HTTP", "HTTPS"], `${field}.httpGet.scheme`, errors);
    }
    told++;
  }
  if (handler.tcpSocket !== undefined) {
    if (more("tcpSocket", told)) validatePort(handler.tcpSocket.port, `${field}.tcpSocket.port`, errors);
    told++;
  }
  if (handler.grpc !== undefined) {
    if (more("grpc", told))
      invalidAll(errors, `${field}.grpc.port`, handler.grpc.port ?? 0, portNumber(handler.grpc.port ?? 0));
    told++;
  }
  if (handler.sleep !== undefined) {
    more("sleep", told);
    told++;
  }
  if (told === 0) errors.push(required(field, "must specify a handler type"));
}

/** validateProbe. */
function validateProbe(probe: Probe, field: string, errors: Errors): void {
  validateHandler(probe, field, errors);
  validateNotNegative(probe.initialDelaySeconds, `${field}.initialDelaySeconds`, errors);
  validateNotNegative(probe.timeoutSeconds, `${field}.timeoutSeconds`, errors);
  validateNotNegative(probe.periodSeconds, `${field}.periodSeconds`, errors);
  validateNotNegative(probe.successThreshold, `${field}.successThreshold`, errors);
  validateNotNegative(probe.failureThreshold, `${field}.failureThreshold`, errors);
  if (probe.terminationGracePeriodSeconds !== undefined && probe.terminationGracePeriodSeconds <= 0)
    errors.push(
      invalid(`${field}.terminationGracePeriodSeconds`, probe.terminationGracePeriodSeconds, "must be greater than 0"),
    );
}

/** validateLivenessProbe, validateStartupProbe: one success is enough. */
function validateRestartingProbe(probe: Probe | undefined, field: string, errors: Errors): void {
  if (probe === undefined) return;
  validateProbe(probe, field, errors);
  if ((probe.successThreshold ?? 1) !== 1)
    errors.push(invalid(`${field}.successThreshold`, probe.successThreshold, "must be 1"));
}

/** validateReadinessProbe: it restarts nothing, so it has no grace period. */
function validateReadinessProbe(probe: Probe | undefined, field: string, errors: Errors): void {
  if (probe === undefined) return;
  validateProbe(probe, field, errors);
  if (probe.terminationGracePeriodSeconds !== undefined)
    errors.push(
      invalid(
        `${field}.terminationGracePeriodSeconds`,
        probe.terminationGracePeriodSeconds,
        "must not be set for readinessProbes",
      ),
    );
}

export function validateProbes(container: Container, field: string, errors: Errors): void {
  validateRestartingProbe(container.livenessProbe, `${field}.livenessProbe`, errors);
  validateReadinessProbe(container.readinessProbe, `${field}.readinessProbe`, errors);
  validateRestartingProbe(container.startupProbe, `${field}.startupProbe`, errors);
  const { postStart, preStop } = container.lifecycle ?? {};
  if (postStart !== undefined) validateHandler(postStart as Handler, `${field}.lifecycle.postStart`, errors);
  if (preStop !== undefined) validateHandler(preStop as Handler, `${field}.lifecycle.preStop`, errors);
}
