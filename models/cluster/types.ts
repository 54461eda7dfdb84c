import type { ApiServerTypes } from "../apiserver/types.ts";
import type { ControllerManagerTypes } from "../controllers/types.ts";
import type { MachineTypes } from "../kernel/index.ts";
import type { KubectlTypes } from "../kubectl/types.ts";
import type { KubeletTypes } from "../kubelet/types.ts";
import type { DnsTypes, TrafficClientTypes } from "../network/types.ts";
import type { ProxyTypes } from "../proxy/types.ts";
import type { RuntimeTypes } from "../runtime/types.ts";
import type { SchedulerTypes } from "../scheduler/types.ts";
import type { MemberTypes } from "../store/types.ts";

type Parts =
  | MemberTypes
  | ApiServerTypes
  | ControllerManagerTypes
  | SchedulerTypes
  | KubeletTypes
  | RuntimeTypes
  | ProxyTypes
  | DnsTypes
  | TrafficClientTypes
  | KubectlTypes;

/** The types of a whole cluster. What a process is stands in the `kind` of its state and its config. */
export interface ClusterTypes extends MachineTypes {
  readonly state: Parts["state"];
  readonly message: Parts["message"];
  readonly request: Parts["request"];
  readonly response: Parts["response"];
  readonly record: Parts["record"];
  readonly durable: Parts["durable"];
  readonly config: Parts["config"];
}
