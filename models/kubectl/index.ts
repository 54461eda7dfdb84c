import type { Machine } from "../kernel/index.ts";
import { boot, step } from "./step.ts";
import type { KubectlTypes } from "./types.ts";

export { inNamespace, LAST_APPLIED } from "./apply.ts";
export { KUBECTL_NOTES } from "./notes.ts";
export { FIRST_OBJECTS } from "./step.ts";
export type * from "./types.ts";

/** A person with kubectl, on a machine of their own: see the README. */
export const kubectl: Machine<KubectlTypes> = {
  boot,
  step,
  disk: { empty: { started: false }, write: () => ({ started: true }), pieces: (record) => [record] },
};
