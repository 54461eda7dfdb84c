import { TimedAgenda } from "../simulator/agenda.ts";
import { bits, streamKey } from "../simulator/random.ts";

const PENDING = 200;

/**
 * The floor under every event loop: pops and pushes a heap of 200 pending events and draws one random number, with the
 * simulator's own heap and generator. Other figures are stated as a ratio to it, so that they can be compared between
 * machines and days.
 *
 * @returns events per second
 */
export function floorRate(events: number): number {
  const agenda = new TimedAgenda<{ lane: number }>();
  const key = streamKey(1, "floor");
  for (let i = 0; i < PENDING; i++) agenda.push(bits(key, i, 1) >>> 12, { lane: 0 });
  const from = performance.now();
  for (let i = 0; i < events; i++) {
    const item = agenda.take(Number.POSITIVE_INFINITY)!;
    agenda.push(agenda.now + (bits(key, i, 0) >>> 12), item);
  }
  return events / ((performance.now() - from) / 1000);
}
