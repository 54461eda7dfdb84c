import type { ClockReading, Input, Machine, MachineTypes, Step } from "./machine.ts";

/** One breach of the contract of a machine, in words. */
export interface ContractBreach {
  /** Index of the input at which it showed; -1 for the boot. */
  readonly at: number;
  readonly breach: "not deterministic" | "mutates its arguments" | "not plain data" | "differs after a JSON round trip";
  readonly detail: string;
}

/** What the contract is tried on: a start, and the inputs that follow. */
export interface ContractCase<T extends MachineTypes> {
  readonly durable: T["durable"];
  readonly config: T["config"];
  readonly clock: ClockReading;
  readonly inputs: readonly Input<T>[];
}

/**
 * Runs a machine through the contract that every machine keeps: the same state and input give the same step, arguments
 * are never changed (all of them are deep-frozen), and states, effects and disks are plain data: they survive a JSON
 * round trip, and the machine goes on from the copy as it does from the original.
 *
 * @returns the first breach, or null when the contract is kept
 */
export function contractBreach<T extends MachineTypes>(
  machine: Machine<T>,
  given: ContractCase<T>,
): ContractBreach | null {
  const { durable, config, clock, inputs } = deepFreeze(given) as ContractCase<T>;
  let disk: T["durable"] = durable;
  let current: Step<T> | null = null;
  for (let at = -1; at < inputs.length; at++) {
    const state = current?.state as T["state"];
    const run = (from: T["state"], input: Input<T> | undefined): Step<T> =>
      input === undefined ? machine.boot(durable, config, { ...clock, hostBoots: 1 }) : machine.step(from, input);
    const input = at < 0 ? undefined : inputs[at];
    let step: Step<T>;
    try {
      step = run(state, input);
    } catch (error) {
      if (!isMutation(error)) throw error;
      return { at, breach: "mutates its arguments", detail: error.message };
    }
    const again = difference(step, run(state, input), "step");
    if (again !== null) return { at, breach: "not deterministic", detail: again };
    const notPlain = difference(step, roundTrip(step), "step");
    if (notPlain !== null) return { at, breach: "not plain data", detail: notPlain };
    const copied = difference(step, run(roundTrip(state), roundTrip(input)), "step");
    if (copied !== null) return { at, breach: "differs after a JSON round trip", detail: copied };
    disk = writeAll(machine, disk, step);
    const notPlainDisk = difference(disk, roundTrip(disk), "disk");
    if (notPlainDisk !== null) return { at, breach: "not plain data", detail: notPlainDisk };
    current = deepFreeze(step);
  }
  return null;
}

/** Whether an error is that of a change to something frozen. */
function isMutation(error: unknown): error is TypeError {
  return (
    error instanceof TypeError &&
    /read.?only|not extensible|Cannot (delete|redefine)|not configurable/.test(error.message)
  );
}

/** Freezes a value and all that it holds. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}

/** Where two values of plain data differ first, as `path: left is not right`; null when they are equal. */
export function difference(left: unknown, right: unknown, path: string): string | null {
  if (Object.is(left, right)) return null;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null)
    return `${path}: ${show(left)} is not ${show(right)}`;
  if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right))
    return `${path}: ${className(left)} is not ${className(right)}`;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const key of keys) {
    const inLeft = Object.hasOwn(left, key);
    if (inLeft !== Object.hasOwn(right, key)) return `${path}.${key}: only in the ${inLeft ? "first" : "second"}`;
    const found = difference(left[key as keyof object], right[key as keyof object], `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

function writeAll<T extends MachineTypes>(machine: Machine<T>, disk: T["durable"], step: Step<T>): T["durable"] {
  let written = disk;
  for (const effect of step.effects)
    if (effect.kind === "persist")
      for (const piece of machine.disk.pieces(effect.record)) written = deepFreeze(machine.disk.write(written, piece));
  return written;
}

function roundTrip<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}

function className(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { readonly constructor?: { readonly name?: string } } | null;
  return prototype?.constructor?.name ?? "an object without a class";
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
