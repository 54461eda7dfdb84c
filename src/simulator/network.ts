import type { MachineTypes, Micros, ProcessId } from "../../models/kernel/index.ts";
import { between, heavyTail, type StreamKey, streamKey, uniform } from "./random.ts";
import { isCalled, type NetworkProfile, type System } from "./system.ts";

/** A trouble that a fault puts on a link for a while. Several add up. */
export interface LinkTrouble {
  /** Probabilities for one message, in addition to the profile's. */
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  readonly delayUs: Micros;
}

/** A fault that holds messages of a link back. */
export interface Clog {
  /** What it holds back, by kind or detail; null: all. */
  readonly messages: readonly string[] | null;
}

/** A directed link from one process to another. */
export class Link {
  readonly key: StreamKey;
  /** Neither duplicates nor reorders; see System.connected. */
  readonly connection: boolean;
  /** Between two processes of one host: neither the network's profile nor its faults reach it. */
  readonly local: boolean;
  /** Messages sent so far; the number of a message on its link is the address of its draws. */
  sent = 0;
  /** How many faults cut it. */
  cuts = 0;
  /** The faults that hold it up. */
  readonly clogs: Clog[] = [];
  /** The last delivery that was in order. */
  lastDueUs: Micros = 0;
  readonly troubles: LinkTrouble[] = [];

  constructor(seed: string | number, from: ProcessId, to: ProcessId, connection = false, local = false) {
    this.key = streamKey(seed, `link/${from}/${to}`);
    this.connection = connection;
    this.local = local;
  }
}

/** How long a message takes between two processes of one host: a socket of the kernel. */
const LOCAL = { minUs: 20, maxUs: 50 } as const;

const SALT = { loss: 0, duplicate: 1, latency: 2, copyLatency: 3, reorder: 4 } as const;

/**
 * When the next message on a link arrives. It is lost, duplicated or delayed as the profile and the link's troubles
 * have it; unless it is reordered, not before the one sent before it.
 *
 * @returns the time of arrival, or -1 when it is lost
 */
export function arrival(link: Link, profile: NetworkProfile, nowUs: Micros): Micros {
  const number = link.sent++;
  if (link.local) return localArrival(link, number, nowUs);
  const { key, troubles } = link;
  let { loss, reorder } = profile;
  let delayUs = 0;
  for (let i = 0; i < troubles.length; i++) {
    const trouble = troubles[i]!;
    loss = Math.max(loss, trouble.loss);
    reorder = Math.max(reorder, trouble.reorder);
    delayUs += trouble.delayUs;
  }
  if (link.cuts > 0) return -1;
  if (loss > 0 && uniform(key, number, SALT.loss) < loss) return -1;
  const { latencyMinUs, latencyJitterUs, tailDoublingsMax } = profile;
  let dueUs = nowUs + latencyMinUs + delayUs + heavyTail(key, number, SALT.latency, latencyJitterUs, tailDoublingsMax);
  if (reorder === 0 || link.connection || uniform(key, number, SALT.reorder) >= reorder) {
    if (dueUs < link.lastDueUs) dueUs = link.lastDueUs;
    else link.lastDueUs = dueUs;
  }
  return dueUs;
}

/** Nothing is lost, and everything comes in its order. */
function localArrival(link: Link, number: number, nowUs: Micros): Micros {
  const dueUs = nowUs + between(link.key, number, SALT.latency, LOCAL.minUs, LOCAL.maxUs);
  if (dueUs > link.lastDueUs) link.lastDueUs = dueUs;
  return link.lastDueUs;
}

/** Whether a fault holds a message back on its link. */
export function isHeldBack<T extends MachineTypes>(link: Link, message: T["message"], system: System<T>): boolean {
  return link.clogs.some(
    ({ messages }) => messages === null || messages.some((name) => isCalled(system, message, name)),
  );
}

/** When a duplicate of the message that was sent last arrives, or -1 when it was not duplicated. */
export function copyArrival(link: Link, profile: NetworkProfile, nowUs: Micros): Micros {
  if (link.connection || link.local) return -1;
  let { duplicate } = profile;
  for (let i = 0; i < link.troubles.length; i++) duplicate = Math.max(duplicate, link.troubles[i]!.duplicate);
  if (duplicate === 0) return -1;
  const number = link.sent - 1;
  if (uniform(link.key, number, SALT.duplicate) >= duplicate) return -1;
  const { latencyMinUs, latencyJitterUs, tailDoublingsMax } = profile;
  // The copy took another way: its delay is drawn afresh, ten times as long, and it keeps no order.
  return nowUs + latencyMinUs + 10 * heavyTail(link.key, number, SALT.copyLatency, latencyJitterUs, tailDoublingsMax);
}
