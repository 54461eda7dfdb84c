import type { FieldError } from "../../models/apiserver/strategy.ts";
import type { KubeObject } from "../../models/machinery/kinds/index.ts";
import { quantityError } from "../../models/machinery/quantity.ts";

const LISTS = ["capacity", "allocatable"];

/** What is no quantity in the status of a node, or of a claim: the API server has checked it, but this file may be another's. */
export function statusErrors(object: KubeObject): readonly FieldError[] {
  const { status } = object as KubeObject & { readonly status?: unknown };
  if (!isMapping(status)) return [];
  return LISTS.flatMap((list) => {
    const amounts = status[list];
    if (!isMapping(amounts)) return [];
    return Object.keys(amounts).flatMap((name) => quantityErrorAt(`status.${list}[${name}]`, amounts[name]));
  });
}

function quantityErrorAt(field: string, quantity: unknown): readonly FieldError[] {
  const message = quantityError(quantity);
  if (message === null) return [];
  return [{ field, reason: "FieldValueInvalid", message: `Invalid value: ${JSON.stringify(quantity)}: ${message}` }];
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
