import type { MemberId } from "../raft/types.ts";
import type { ClientConfig } from "./types.ts";

/** The index of the endpoint after this one. */
export function nextEndpoint(config: ClientConfig, endpoint: number): number {
  const next = endpoint + 1;
  return next === config.endpoints.length ? 0 : next;
}

/** The endpoint to ask when one has refused: who leads, as far as it knows, or the next. */
export function hintedEndpoint(config: ClientConfig, endpoint: number, leaderHint: MemberId | null): number {
  const hinted = leaderHint === null ? -1 : config.endpoints.indexOf(leaderHint);
  return hinted < 0 || hinted === endpoint ? nextEndpoint(config, endpoint) : hinted;
}
