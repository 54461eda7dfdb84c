/** What a plugin answers (kubernetes staging/src/k8s.io/kube-scheduler/framework, Code and Status). */

export type Code = "Success" | "Error" | "Unschedulable" | "UnschedulableAndUnresolvable" | "Skip";

/** Anything but success, which is null, as in Go. */
export interface Status {
  readonly code: Exclude<Code, "Success">;
  readonly reasons: readonly string[];
}

/** The plugin has nothing to say of this pod. */
export const SKIP: Status = Object.freeze({ code: "Skip", reasons: Object.freeze([]) });

/** Another pod's end may help. */
export function unschedulable(...reasons: readonly string[]): Status {
  return Object.freeze({ code: "Unschedulable", reasons: Object.freeze([...reasons]) });
}

/** Nothing that preemption can do will help. */
export function unresolvable(...reasons: readonly string[]): Status {
  return Object.freeze({ code: "UnschedulableAndUnresolvable", reasons: Object.freeze([...reasons]) });
}

export function failed(...reasons: readonly string[]): Status {
  return Object.freeze({ code: "Error", reasons: Object.freeze([...reasons]) });
}

export function codeOf(status: Status | null): Code {
  return status === null ? "Success" : status.code;
}

/** Unschedulable or UnschedulableAndUnresolvable (Status.IsRejected). */
export function isRejected(status: Status | null): boolean {
  return status !== null && (status.code === "Unschedulable" || status.code === "UnschedulableAndUnresolvable");
}
