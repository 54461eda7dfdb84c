/** Hand-driven leases, to show a property what it should see and what it should not. */
import type { HeldLease } from "../../models/client/types.ts";
import type { Micros } from "../../models/kernel/index.ts";
import type { LeaseClock, StoreResponse } from "../../models/store/types.ts";
import type { StoreProperty } from "./store-property.ts";
import { putOf, StoreDrill } from "./testing.ts";

/** Clocks may run 10 % faster than true time: a lease of 1.1 s must live for 1 s. */
export const TTL_US: Micros = 1_100_000;

/** Leases of 1.1 s, with a member m1 that leads. */
export class LeaseStory {
  readonly drill: StoreDrill;
  #calls = 0;

  constructor(property: StoreProperty) {
    this.drill = new StoreDrill(property).lead("m1", 1);
  }

  /** All members apply the grant of a lease and puts of keys on it. */
  grant(id: number, ...keys: string[]): this {
    this.drill.run({ kind: "leaseGrant", id, ttlUs: TTL_US });
    for (const key of keys) this.drill.run(putOf(key, "", { lease: id }));
    return this;
  }

  /** All members apply the end of a lease, by whatever. */
  end(id: number): this {
    this.drill.run({ kind: "leaseRevoke", id });
    return this;
  }

  /** A client has it revoked. */
  revoke(id: number, client = "c1"): this {
    this.drill.write(client, "m1", `r${++this.#calls}`, { kind: "leaseRevoke", id });
    return this;
  }

  /** A client asks for a renewal. */
  ask(id: number, call: string, client = "c1"): this {
    this.drill.call(client, "m1", call, { kind: "leaseKeepAlive", id });
    return this;
  }

  /** A member answers that it is renewed. */
  renewed(id: number, call: string, { ttlUs = TTL_US, member = "m1", client = "c1" } = {}): this {
    const response: StoreResponse = { kind: "leaseKeepAlive", revision: 1, id, ttlUs };
    this.drill.answer(member, client, call, response);
    return this;
  }

  /** It is so late now. */
  at(now: Micros): this {
    this.drill.now = now;
    return this;
  }

  /** A member takes over the leases, and gives them so long by its clock. */
  takeOver(member: string, term: number, now: Micros, ...expiries: readonly (readonly [id: number, Micros])[]): this {
    const clocks = expiries.map(
      ([id, expiresAt]): LeaseClock => ({ id, expiresAt, revokingUntil: 0, checkpointAt: 0, checkpointed: false }),
    );
    const lessor = { primaryTerm: term, clocks, confirming: null };
    this.drill.step(member, { server: { lessor } }, { kind: "timer", now, wall: now, name: "lease" });
    return this;
  }

  /** A session of a client learns, when its clock shows `now`, until when it has a lease, and what it holds by it. */
  session(
    client: string,
    now: Micros,
    lease: { readonly id: number; readonly validUntil: Micros; readonly holds?: string } | null,
  ): this {
    const held: HeldLease | null =
      lease === null
        ? null
        : { ttlUs: TTL_US, holds: null, renewal: null, keepUntil: 0, endpoint: 0, failures: 0, ...lease };
    const [first, ...others] = this.drill.client(client).state.sessions;
    const sessions = [{ ...first!, lease: held }, ...others];
    this.drill.stepClient(client, { sessions }, { kind: "timer", now, wall: now, name: "" });
    return this;
  }

  get violated(): string | null {
    return this.drill.violated;
  }
}
