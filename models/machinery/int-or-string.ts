import type { IntOrString } from "./kinds/index.ts";

/**
 * A number as it is, a percentage of the total (apimachinery util/intstr, GetScaledValueFromIntOrPercent). What is
 * neither counts as 0; validation does not let it in.
 */
export function scaledValue(value: IntOrString, total: number, roundUp: boolean): number {
  if (typeof value === "number") return value;
  const percent = percentOf(value);
  if (percent === null) return 0;
  const share = (percent * total) / 100;
  return roundUp ? Math.ceil(share) : Math.floor(share);
}

/** The number before the percent sign; null where it is no percentage. */
export function percentOf(value: IntOrString): number | null {
  return typeof value === "string" && /^-?\d+%$/.test(value) ? Number(value.slice(0, -1)) : null;
}
