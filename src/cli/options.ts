import { InvalidArgumentError } from "commander";

/** An option that is a whole number in a range. */
export function wholeOption(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= minimum && value <= maximum))
      throw new InvalidArgumentError(`Expected a whole number from ${minimum} to ${maximum}.`);
    return value;
  };
}

/** A duration such as `90s`, `5m`, `1.5h` or `500ms`, in seconds. A bare number is seconds. */
export function durationOption(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  const seconds = match === null ? 0 : Number(match[1]) * { ms: 0.001, s: 1, m: 60, h: 3600 }[match[2] ?? "s"]!;
  if (seconds <= 0) throw new InvalidArgumentError("Expected a duration such as 90s, 5m or 1h.");
  return seconds;
}

/** A size such as `512MiB` or `1.5GiB`, in bytes; `MB` and `M` mean the same as `MiB`. */
export function sizeOption(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMG])(?:i?B)?$/i.exec(text);
  const bytes =
    match === null ? 0 : Number(match[1]) * { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[match[2]!.toUpperCase()]!;
  if (!(bytes >= 2 ** 20)) throw new InvalidArgumentError("Expected a size of at least 1MiB, such as 512MiB or 2GiB.");
  return Math.floor(bytes);
}

/** A part of a campaign that is spread over several machines. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** `2/4` is the second of four parts; counted from 1 on the command line, from 0 inside. */
export function shardOption(text: string): Shard {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [index, of] = match === null ? [0, 0] : [Number(match[1]), Number(match[2])];
  if (index < 1 || index > of || of > 10_000)
    throw new InvalidArgumentError("Expected part/parts, for instance 2/4 for the second of four.");
  return { index: index - 1, of };
}

/** Gathers an option that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** The number of a seed: any whole number of 32 bits without a sign. */
export const seedOption = wholeOption(0, 4_294_967_295);
