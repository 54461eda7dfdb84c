/**
 * Numbers as Go computes them. Sums, products, quotients and roots of doubles are the same on every machine (IEEE 754);
 * products of integers beyond 2^53 and logarithms are not, so they are made here.
 */

/** The integer part of `a * b / c`, exact where the product is too large for a double. */
export function multipliedAndDivided(a: number, b: number, c: number): number {
  const product = a * b;
  if (Number.isSafeInteger(product)) return Math.trunc(product / c);
  return Number((BigInt(a) * BigInt(b)) / BigInt(c));
}

/** The integer part of a quotient (Go's integer division), never a negative zero. */
export function quotient(a: number, b: number): number {
  return Math.trunc(a / b) + 0;
}

/** Go's math.Round: halves go away from zero. */
export function rounded(value: number): number {
  const result = value < 0 ? -Math.floor(0.5 - value) : Math.floor(value);
  return value >= 0 && value - result >= 0.5 ? result + 1 : result + 0;
}

/** Of FreeBSD, as doubles. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const L1 = 0.6666666666666735;
const L2 = 0.3999999999940942;
const L3 = 0.2857142874366239;
const L4 = 0.22222198432149784;
const L5 = 0.1818357216161805;
const L6 = 0.15313837699209373;
const L7 = 0.14798198605116586;

/**
 * The natural logarithm of a positive integer, in the steps of FreeBSD's e_log.c, as Go's math.Log has it. `Math.log` may
 * differ in the last place from one engine to the next.
 */
export function naturalLogarithm(integer: number): number {
  let exponent = 0;
  let fraction = integer;
  // Division by two is exact.
  while (fraction >= 1) {
    fraction /= 2;
    exponent++;
  }
  if (fraction < Math.SQRT2 / 2) {
    fraction *= 2;
    exponent--;
  }
  const f = fraction - 1;
  const s = f / (2 + f);
  const s2 = s * s;
  const s4 = s2 * s2;
  const t1 = s2 * (L1 + s4 * (L3 + s4 * (L5 + s4 * L7)));
  const t2 = s4 * (L2 + s4 * (L4 + s4 * L6));
  const r = t1 + t2;
  const half = 0.5 * f * f;
  return exponent * LN2_HIGH - (half - (s * (half + r) + exponent * LN2_LOW) - f);
}
