/** What is marked as given out in a range of the API server's, as the store has it; computed once more, in the simplest way. */
export interface Marked {
  /** `10.96.0.0/24`, `30000-32767`. */
  readonly range: string;
  /** Addresses are counted from the first after the network's own, ports from the first. */
  readonly places: ReadonlySet<number>;
}

export function markedIn(value: string): Marked {
  const { range = "", data = "" } = JSON.parse(value) as { readonly range?: string; readonly data?: string };
  return { range, places: new Set(onesOf(data)) };
}

/** Whether an address or a port is marked; null: it is none of the range. */
export function isMarked({ range, places }: Marked, item: string): boolean | null {
  const place = placeIn(range, item);
  return place === null ? null : places.has(place);
}

function placeIn(range: string, item: string): number | null {
  const [start = "", end = ""] = range.split(/[-/]/);
  if (!range.includes("/")) {
    const port = Number(item);
    return port < Number(start) || port > Number(end) ? null : port - Number(start);
  }
  const place = numberOf(item) - numberOf(start) - 1;
  return place < 0 || place > 2 ** (32 - Number(end)) - 3 ? null : place;
}

function numberOf(address: string): number {
  return address.split(".").reduce((number, part) => number * 256 + Number(part), 0);
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The places of the ones of a big-endian number in base64. */
function onesOf(data: string): readonly number[] {
  const digits = data.replace(/=+$/, "");
  const bits = [...digits].map((digit) => DIGITS.indexOf(digit).toString(2).padStart(6, "0")).join("");
  const whole = bits.slice(0, Math.floor(bits.length / 8) * 8);
  return [...whole].flatMap((bit, at) => (bit === "1" ? [whole.length - 1 - at] : []));
}
