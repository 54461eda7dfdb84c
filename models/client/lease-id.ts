import type { LeaseId } from "../store/types.ts";
import type { ClientState } from "./types.ts";

const BOOTS = 2 ** 33;
const LEASES = 2 ** 12;

/**
 * The name of the lease that is named next: of 53 bits, 8 are for the client, 33 for the microsecond of its boot (2.4
 * hours), 12 for the leases since. It is unique where a run stays within that; where not, the store refuses one that is
 * in use, and another is taken.
 */
export function nextLeaseId(state: ClientState): LeaseId {
  const { config, bootedAt, leases } = state;
  return (clientNumber(config.id) * BOOTS + (bootedAt % BOOTS)) * LEASES + ((leases + 1) % LEASES);
}

/** The number at the end of a client's name; of a name without one, some number. */
function clientNumber(id: string): number {
  const digits = /\d+$/.exec(id);
  if (digits !== null) return Number(digits[0]) % 256;
  let number = 0;
  for (let i = 0; i < id.length; i++) number = (number * 31 + id.charCodeAt(i)) % 256;
  return number;
}
