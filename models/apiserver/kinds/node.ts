import type { Node, NodeSpec, Taint } from "../../machinery/kinds/index.ts";
import { legacyCidrFlaws } from "../../machinery/net/index.ts";
import type { KindRules } from "./base.ts";
import { validateOneOf, validateQuantity } from "./common.ts";
import { duplicate, type Errors, forbidden, invalid, invalidAll, required } from "./fields.ts";
import { mapped } from "./fill.ts";
import { labelValue, qualifiedName } from "./names.ts";

export const NODE: KindRules<Node> = {
  // A kubelet registers its node with its status.
  createsStatus: true,
  defaults: (node) =>
    // core/v1 SetDefaults_NodeStatus
    mapped(node, "status", (status) =>
      status.allocatable === undefined && status.capacity !== undefined
        ? { ...status, allocatable: status.capacity }
        : status,
    ),
  validate: (node, errors) => {
    validateTaints(node.spec?.taints ?? [], "spec.taints", errors);
    // core/validation ValidateNode.
    validateBlocks(node.spec, errors);
    for (const list of ["capacity", "allocatable"] as const)
      for (const [name, quantity] of Object.entries(node.status?.[list] ?? {}))
        validateQuantity(quantity, `status.${list}[${name}]`, errors);
  },
  validateUpdate: validateNodeUpdate,
  fields: ({ spec }) => ({ "spec.unschedulable": String(spec?.unschedulable ?? false) }),
};

/** core/validation ValidateNode: blocks, of each family one. What is in `podCIDR` is in the list (core/v1 conversion). */
function validateBlocks(spec: NodeSpec | undefined, errors: Errors): void {
  const listed = spec?.podCIDRs ?? [];
  const blocks = listed.length > 0 || !spec?.podCIDR ? listed : [spec.podCIDR];
  blocks.forEach((block, index) => {
    invalidAll(errors, `spec.podCIDRs[${index}]`, block, legacyCidrFlaws(block));
  });
  const families = new Set(blocks.map((block) => block.includes(":")));
  if (blocks.length > families.size)
    errors.push(invalid("spec.podCIDRs", blocks, "may specify no more than one CIDR for each IP family"));
}

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** core/validation validateNodeTaints. */
function validateTaints(taints: readonly Taint[], field: string, errors: Errors): void {
  const seen = new Set<string>();
  taints.forEach((taint, index) => {
    const at = `${field}[${index}]`;
    invalidAll(errors, `${at}.key`, taint.key ?? "", qualifiedName(taint.key ?? ""));
    const value = labelValue(taint.value ?? "");
    if (value.length > 0) errors.push(invalid(`${at}.value`, taint.value, value.join(";")));
    if (!taint.effect) errors.push(required(`${at}.effect`));
    else validateOneOf(taint.effect, EFFECTS, `${at}.effect`, errors);
    const identity = `${taint.key}:${taint.effect}`;
    if (seen.has(identity)) {
      const repeated = duplicate(at, taint);
      errors.push({ ...repeated, message: `${repeated.message}: taints must be unique by key and effect pair` });
    }
    seen.add(identity);
  });
}

/** core/validation ValidateNodeUpdate: what is assigned once stays. */
function validateNodeUpdate(node: Node, old: Node, errors: Errors): void {
  const before = old.spec ?? {};
  const after = node.spec ?? {};
  if (before.podCIDR && after.podCIDR !== before.podCIDR)
    errors.push(forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'));
  if (before.providerID && after.providerID !== before.providerID)
    errors.push(forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid'));
}
