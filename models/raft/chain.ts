import type { Application, Index } from "./types.ts";

/** How many commands were applied, and a hash of which they were, at which index, and in which order. */
export interface ChainState {
  readonly count: number;
  readonly hash: number;
}

/**
 * The state machine of the raft suite. Its state tells nearly all histories apart in two numbers: members that have
 * applied the same prefix agree, and those that have not do not. Results are `index:hash`.
 */
export const chain: Application<ChainState> = {
  initial: { count: 0, hash: 0 },
  apply: applyToChain,
  read: readChain,
};

/** The hash after one more command. */
export function chainHash(hash: number, command: string, index: Index): number {
  let mixed = Math.imul(hash ^ index, 0x9e3779b1);
  for (let i = 0; i < command.length; i++) mixed = Math.imul(mixed ^ command.charCodeAt(i), 0x01000193);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

function applyToChain(
  state: ChainState,
  command: string,
  index: Index,
  wanted: boolean,
): { readonly state: ChainState; readonly result: string } {
  const hash = chainHash(state.hash, command, index);
  return { state: { count: state.count + 1, hash }, result: wanted ? `${index}:${hash}` : "" };
}

function readChain(state: ChainState): string {
  return `${state.count}:${state.hash}`;
}
