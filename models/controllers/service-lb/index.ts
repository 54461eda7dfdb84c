/** A load balancer of the cloud for each service of that type (kubernetes staging/src/k8s.io/cloud-provider/controllers/service/controller.go). */
import type { ApiResponse } from "../../machinery/api.ts";
import { patchRequest } from "../../machinery/client/requests.ts";
import type { InformerEvent } from "../../machinery/client/types.ts";
import type { Json, Service } from "../../machinery/kinds/index.ts";
import { hasFinalizer, isDeleting, keyOf } from "../../machinery/meta.ts";
import { isNotFound, isSuccess } from "../../machinery/status.ts";
import { type Controller, type ControllerTurn, DONE, type Outcome } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { note } from "./notes.ts";

export { NOTE_NAMES as SERVICE_LB_NOTES } from "./notes.ts";

/** service/helpers/helper.go, LoadBalancerCleanupFinalizer. */
const FINALIZER = "service.kubernetes.io/load-balancer-cleanup";

export interface ServiceLbConfig {
  /** What the cloud's addresses begin with: two numbers. The others are those of the ClusterIP, which is unique. */
  readonly addressPrefix: string;
}

export const SERVICE_LB_DEFAULTS: ServiceLbConfig = Object.freeze({ addressPrefix: "198.18" });

/** What has been asked for. */
export interface ServiceLbTask {
  readonly step: "hold" | "ensure" | "clean" | "release";
}

type Turn = ControllerTurn<Record<string, never>, ServiceLbConfig>;
type Result = Outcome<ServiceLbTask>;

/** The controller of a cloud provider; keys are those of services. */
export const serviceLb: Controller<Record<string, never>, ServiceLbTask, ServiceLbConfig> = {
  name: "service-lb-controller",
  // Where there is no cloud there is none.
  isDisabledByDefault: true,
  informers: [{ resource: "services", labelSelector: "", fieldSelector: "", indexes: [], resyncUs: 0 }],
  // concurrent-service-syncs.
  workers: 1,
  defaults: SERVICE_LB_DEFAULTS,
  initial: {},
  started: (turn) => {
    for (const service of turn.view<Service>("services").list()) considered(turn, service);
  },
  observe: (turn, { object }: InformerEvent) => considered(turn, object as Service),
  sync,
  answered,
};

/** needsCleanup, needsUpdate. */
function considered(turn: Turn, service: Service): void {
  if (wantsLoadBalancer(service) || hasFinalizer(service, FINALIZER)) turn.enqueue(keyOf(service));
}

/** wantsLoadBalancer: of a class it would be another one's. */
function wantsLoadBalancer({ spec }: Service): boolean {
  return spec.type === "LoadBalancer" && spec.loadBalancerClass === undefined;
}

/** syncLoadBalancerIfNeeded: the finalizer comes before the load balancer, and goes after it. */
function sync(turn: Turn, key: string): Result {
  const service = turn.view<Service>("services").byKey(key);
  if (service === null) return DONE;
  const address = addressOf(service);
  if (isDeleting(service) || !wantsLoadBalancer(service)) {
    if (!hasFinalizer(service, FINALIZER)) return DONE;
    return address === "" ? patch(service, "release") : patch(service, "clean");
  }
  if (!hasFinalizer(service, FINALIZER)) return patch(service, "hold");
  return address === wantedAddress(turn.config, service) ? DONE : patch(service, "ensure", turn.config);
}

function addressOf({ status }: Service): string {
  const { ingress = [] } = (status?.loadBalancer ?? {}) as { readonly ingress?: readonly { readonly ip?: string }[] };
  return ingress[0]?.ip ?? "";
}

/** EnsureLoadBalancer of a cloud that always has one. */
function wantedAddress({ addressPrefix }: ServiceLbConfig, { spec }: Service): string {
  return `${addressPrefix}.${(spec.clusterIP ?? "").split(".").slice(2).join(".")}`;
}

/** patchStatus, addFinalizer, removeFinalizer: of the service of that UID alone. */
function patch(service: Service, step: ServiceLbTask["step"], config = SERVICE_LB_DEFAULTS): Result {
  const { namespace = "", name, uid = "", finalizers = [] } = service.metadata;
  const call = (change: Json, subresource: "" | "status" = ""): Result => ({
    kind: "call",
    request: patchRequest("services", namespace, name, change, { subresource }),
    task: { step },
  });
  switch (step) {
    case "hold":
      return call({ metadata: { uid, finalizers: [...finalizers, FINALIZER] } });
    case "release":
      return call({ metadata: { uid, finalizers: finalizers.filter((one) => one !== FINALIZER) } });
    case "ensure": {
      const ingress = [{ ip: wantedAddress(config, service), ipMode: "VIP" }];
      return call({ metadata: { uid }, status: { loadBalancer: { ingress } } }, "status");
    }
    case "clean":
      return call({ metadata: { uid }, status: { loadBalancer: { ingress: null } } }, "status");
  }
}

/** What it has changed comes back as an event, and is what the next sync begins from. */
function answered(turn: Turn, _key: string, { step }: ServiceLbTask, response: ApiResponse | null): Result {
  if (isNotFound(response)) return DONE;
  if (!isSuccess(response)) return retry(errorOf(response));
  turn.note(NOTES[step]);
  return DONE;
}

const NOTES = { hold: note.held, ensure: note.ensured, clean: note.cleaned, release: note.released } as const;
