import { assert, type ClockReading, NO_EFFECTS, type Step } from "../kernel/index.ts";
import type { ClientConfig, ClientTypes, Session } from "./types.ts";

/**
 * A client knows nothing when it starts. What an earlier one of its name had under way has an unknown outcome, and its
 * leases expire. The sessions begin at different members.
 */
export function boot(config: ClientConfig, { now }: ClockReading): Step<ClientTypes> {
  assert(config.endpoints.length > 0 && config.sessions > 0, `${config.id} has no endpoints, or no sessions`);
  const sessions: Session[] = [];
  for (let at = 0; at < config.sessions; at++)
    sessions.push({ work: null, attempt: null, queue: [], endpoint: at % config.endpoints.length, lease: null });
  const state = {
    kind: "client",
    config,
    bootedAt: now,
    ids: 0,
    leases: 0,
    sessions,
    watches: [],
    seenRevision: 0,
  } as const;
  return { state, effects: NO_EFFECTS };
}
