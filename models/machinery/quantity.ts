import type { Quantity, ResourceList } from "./kinds/index.ts";

const BINARY: Readonly<Record<string, number>> = {
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const DECIMAL_EXPONENT: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

/** With a binary unit, what is more than 64 bits can tell is as much as they can (quantity.go, maxAllowed). */
const MOST = 2 ** 63;

/** A quantity as an integer, times ten to a power, times a binary unit. */
interface Parts {
  readonly mantissa: number;
  readonly exponent: number;
  readonly binary: number;
}

/**
 * Why a text is no quantity, in the words of the API; null where it is one (apimachinery api/resource, UnmarshalJSON and
 * ParseQuantity). Spaces around it are none of it, and a number without digits is 0.
 */
export function quantityError(quantity: unknown): string | null {
  if (typeof quantity === "number") return Number.isFinite(quantity) ? null : FORMAT_WRONG;
  if (typeof quantity !== "string") return FORMAT_WRONG;
  const match = partsIn(quantity);
  if (match === null) return FORMAT_WRONG;
  return scaleOf(match[4]!) === null ? "unable to parse quantity's suffix" : null;
}

const FORMAT_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** quantity.go, parseQuantityString: sign, digits, decimals, suffix. */
function partsIn(quantity: string): RegExpExecArray | null {
  const text = quantity.trim();
  return text === "" ? null : /^([+-]?)([0-9]*)\.?([0-9]*)([eEinumkKMGTP]*[-+]?[0-9]*)$/.exec(text);
}

/** The quantity in whole units, rounded up (Quantity.Value). 0 where it is no quantity. */
export function value(quantity: Quantity | undefined): number {
  return scaled(quantity, 0);
}

/** The quantity in thousandths, rounded up (Quantity.MilliValue). 0 where it is no quantity. */
export function milliValue(quantity: Quantity | undefined): number {
  return scaled(quantity, 3);
}

/** Negative, zero or positive, as the first is less than, equal to or greater than the second. */
export function compareQuantities(one: Quantity, two: Quantity): number {
  const milli = milliValue(one) - milliValue(two);
  return milli !== 0 ? milli : scaled(one, 9) - scaled(two, 9);
}

/** Their sum, in the notation of the first. */
export function addQuantities(one: Quantity, two: Quantity): Quantity {
  return formatted(milliValue(one) + milliValue(two), one);
}

/** What is left of the first without the second, in the notation of the first. */
export function subtractQuantities(one: Quantity, two: Quantity): Quantity {
  return formatted(milliValue(one) - milliValue(two), one);
}

/** The sum by resource (component-helpers resource/helpers.go, addResourceList). */
export function addResourceLists(one: ResourceList, two: ResourceList): ResourceList {
  const sum: Record<string, Quantity> = { ...one };
  for (const name of Object.keys(two).sort())
    sum[name] = sum[name] === undefined ? two[name]! : addQuantities(sum[name], two[name]!);
  return sum;
}

/** The canonical text of thousandths: binary units where the sample has them, else the largest decimal one that keeps it whole. */
function formatted(milli: number, sample: Quantity): Quantity {
  if (milli % 1000 !== 0) return `${milli}m`;
  const whole = milli / 1000;
  const isBinary = typeof sample === "string" && sample.endsWith("i");
  const units: readonly (readonly [string, number])[] = isBinary
    ? [
        ["Ei", 2 ** 60],
        ["Pi", 2 ** 50],
        ["Ti", 2 ** 40],
        ["Gi", 2 ** 30],
        ["Mi", 2 ** 20],
        ["Ki", 2 ** 10],
      ]
    : [
        ["E", 1e18],
        ["P", 1e15],
        ["T", 1e12],
        ["G", 1e9],
        ["M", 1e6],
        ["k", 1e3],
      ];
  if (whole !== 0) for (const [suffix, unit] of units) if (whole % unit === 0) return `${whole / unit}${suffix}`;
  return `${whole}`;
}

function scaled(quantity: Quantity | undefined, power: number): number {
  if (typeof quantity === "number" && Number.isInteger(quantity)) return quantity * 10 ** power;
  const parts = quantity === undefined ? null : partsOf(String(quantity));
  if (parts === null) return 0;
  const exponent = parts.exponent + power;
  const whole = parts.mantissa * parts.binary;
  const result = exponent >= 0 ? whole * 10 ** exponent : Math.ceil(whole / 10 ** -exponent);
  if (result === 0) return 0;
  return parts.binary === 1 ? result : Math.min(result, MOST * 10 ** power);
}

function partsOf(text: string): Parts | null {
  const match = partsIn(text);
  if (match === null) return null;
  const [, sign, whole, fraction, suffix] = match;
  const scale = scaleOf(suffix!);
  if (scale === null) return null;
  const mantissa = Number(`${sign}${whole}${fraction}`);
  return { mantissa, exponent: scale.exponent - fraction!.length, binary: scale.binary };
}

function scaleOf(suffix: string): { readonly exponent: number; readonly binary: number } | null {
  if (Object.hasOwn(DECIMAL_EXPONENT, suffix)) return { exponent: DECIMAL_EXPONENT[suffix]!, binary: 1 };
  if (Object.hasOwn(BINARY, suffix)) return { exponent: 0, binary: BINARY[suffix]! };
  return /^[eE][-+]?\d+$/.test(suffix) ? { exponent: Number(suffix.slice(1)), binary: 1 } : null;
}
