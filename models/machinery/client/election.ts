/**
 * Leader election by a Lease object (client-go tools/leaderelection/leaderelection.go, resourcelock/leaselock.go).
 *
 * A candidate decides by the time at which it saw the lease change, on its own monotonic clock: it trusts nobody's
 * calendar, only that clocks run at nearly the same rate. There is no fencing: what a leader has sent before it lost the
 * lease may still arrive.
 */
import type { Input, MachineTypes, Micros } from "../../kernel/index.ts";
import { deepEqual } from "../equality.ts";
import { uidFrom } from "../hash.ts";
import type { Lease } from "../kinds/index.ts";
import { isNotFound, isSuccess, objectOf } from "../status.ts";
import { microTimeOf } from "../time.ts";
import type { Turn } from "../turn.ts";
import type { Api, ApiClientTypes } from "./api.ts";
import { note } from "./notes.ts";
import { createRequest, getRequest, updateRequest } from "./requests.ts";
import type { Answer } from "./types.ts";

/** The one timer of an election. */
export const ELECTION_TIMER = "election";

export interface ElectionConfig {
  /** Of the Lease: `kube-controller-manager` in `kube-system`. */
  readonly namespace: string;
  readonly name: string;
  /** How long others wait before they take over [15 s]. The Lease tells whole seconds. */
  readonly leaseDurationUs: Micros;
  /** How long a leader tries to renew before it gives up [10 s]. */
  readonly renewDeadlineUs: Micros;
  /** The time between two attempts [2 s]; of those who do not lead, up to 2.2 times as much. */
  readonly retryPeriodUs: Micros;
}

/** component-base config/v1alpha1/defaults.go, RecommendedDefaultLeaderElectionConfiguration. */
export const ELECTION_DEFAULTS = Object.freeze({
  leaseDurationUs: 15_000_000,
  renewDeadlineUs: 10_000_000,
  retryPeriodUs: 2_000_000,
});

type Spec = NonNullable<Lease["spec"]>;

export interface ElectionState {
  /** Another one for each start of the process. */
  readonly identity: string;
  /** It acts: from an acquired lease until it is lost. */
  readonly leading: boolean;
  readonly phase: "idle" | "waiting" | "renewing" | "getting" | "creating" | "updating";
  /** Counts the attempts: an answer of an earlier one is nobody's. */
  readonly attempt: number;
  /** The lease as it was seen last; null: never. */
  readonly lease: Lease | null;
  /** Local monotonic time at which it was seen to change. */
  readonly observedAt: Micros;
  /** A leader that has not renewed by then has lost; 0: it does not lead. */
  readonly renewBy: Micros;
}

interface ElectionTag {
  readonly election: number;
}

/** At boot: idle until {@link Election.start}. */
export function bootElection(id: string, clock: { readonly now: Micros; readonly wall: Micros }): ElectionState {
  return {
    identity: `${id}_${uidFrom(`${id}/${clock.now}/${clock.wall}`)}`,
    leading: false,
    phase: "idle",
    attempt: 0,
    lease: null,
    observedAt: 0,
    renewBy: 0,
  };
}

/** A candidate for one step: made at its start from the state that is kept, thrown away at its end. */
export class Election<T extends ApiClientTypes = ApiClientTypes> {
  readonly config: ElectionConfig;
  readonly turn: Turn<T>;
  readonly api: Api<T>;
  state: ElectionState;
  /** What has happened in this step. */
  change: "none" | "elected" | "lost" = "none";

  constructor(config: ElectionConfig, state: ElectionState, api: Api<T>, turn: Turn<T>) {
    this.config = config;
    this.state = state;
    this.api = api;
    this.turn = turn;
  }

  get leading(): boolean {
    return this.state.leading;
  }

  start(): void {
    if (this.state.phase === "idle") this.#tryAcquireOrRenew();
  }

  /** Takes the timer of the election; false: the input is somebody else's. */
  take(input: Input<T> | Input<MachineTypes>): boolean {
    if (input.kind !== "timer" || input.name !== ELECTION_TIMER) return false;
    if (this.state.leading && this.#renewalIsOver()) this.#lose();
    else if (this.state.phase === "waiting") this.#tryAcquireOrRenew();
    else if (this.state.leading) this.#awaitDeadline();
    return true;
  }

  /** Takes the answer to a call of the election; false: it is somebody else's. */
  answered(answer: Answer): boolean {
    const attempt = (answer.tag as ElectionTag | null)?.election;
    if (attempt === undefined) return false;
    if (attempt === this.state.attempt) this.#answered(answer);
    return true;
  }

  /** leaderelection.go, renew: a leader that cannot renew within the deadline leads no more, whatever the lease says. */
  #renewalIsOver(): boolean {
    return this.turn.now >= this.state.renewBy;
  }

  /** While a leader waits for an answer, its time may run out. */
  #awaitDeadline(): void {
    this.turn.setTimer(ELECTION_TIMER, Math.max(0, this.state.renewBy - this.turn.now));
  }

  /** leaderelection.go, tryAcquireOrRenew 1: a leader whose lease is valid updates it as it was seen last. */
  #tryAcquireOrRenew(): void {
    const { lease, leading, identity } = this.state;
    this.state = { ...this.state, attempt: this.state.attempt + 1 };
    if (leading) this.#awaitDeadline();
    if (lease?.spec?.holderIdentity === identity && this.#isLeaseValid(lease)) this.#update(lease, "renewing");
    else this.#get();
  }

  #answered(answer: Answer): void {
    const { response } = answer;
    const written = objectOf<Lease>(response);
    switch (this.state.phase) {
      case "renewing":
        if (isSuccess(response) && written !== null) this.#succeed(written);
        else this.#get();
        return;
      case "getting":
        if (written !== null) this.#got(written);
        else if (isNotFound(response)) this.#create();
        else this.#fail();
        return;
      case "creating":
      case "updating":
        if (isSuccess(response) && written !== null) this.#succeed(written);
        else this.#fail();
        return;
      case "idle":
      case "waiting":
        return;
    }
  }

  /** tryAcquireOrRenew 3: a lease that is held and was seen to change within its duration is left alone. */
  #got(lease: Lease): void {
    this.#observe(lease);
    const holder = lease.spec?.holderIdentity ?? "";
    if (holder !== "" && holder !== this.state.identity && this.#isLeaseValid(lease)) {
      this.turn.note(note.electionHeld);
      this.#fail();
      return;
    }
    this.#update(lease, "updating");
  }

  /** leaderelection.go, setObservedRecord: the time counts from when the lease was seen to change, by the local clock. */
  #observe(lease: Lease): void {
    const known = this.state.lease;
    const same = known !== null && known.metadata.uid === lease.metadata.uid && deepEqual(known.spec, lease.spec);
    const observedAt = same ? this.state.observedAt : this.turn.now;
    this.state = { ...this.state, lease, observedAt };
  }

  /** leaderelection.go, isLeaseValid. */
  #isLeaseValid(lease: Lease): boolean {
    const durationUs = (lease.spec?.leaseDurationSeconds ?? 0) * 1_000_000;
    return this.state.observedAt + durationUs > this.turn.now;
  }

  /** tryAcquireOrRenew 4: the holder keeps its acquireTime; another one counts a transition. */
  #update(lease: Lease, phase: "renewing" | "updating"): void {
    const old = lease.spec ?? {};
    const isHolder = old.holderIdentity === this.state.identity;
    const transitions = old.leaseTransitions ?? 0;
    const record = this.#record();
    const spec: Spec = isHolder
      ? { ...record, acquireTime: old.acquireTime ?? record.acquireTime!, leaseTransitions: transitions }
      : { ...record, leaseTransitions: transitions + 1 };
    // With the version that was seen: of two who try, one gets a conflict.
    const updated: Lease = { ...lease, spec };
    this.#call(updateRequest(updated), phase);
  }

  #create(): void {
    const { namespace, name } = this.config;
    const spec: Spec = { ...this.#record(), leaseTransitions: 0 };
    const lease: Lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name, namespace }, spec };
    this.#call(createRequest(lease), "creating");
  }

  #record(): Spec {
    const time = microTimeOf(this.turn.wall);
    return {
      holderIdentity: this.state.identity,
      leaseDurationSeconds: Math.max(1, Math.ceil(this.config.leaseDurationUs / 1_000_000)),
      acquireTime: time,
      renewTime: time,
    };
  }

  #get(): void {
    const { namespace, name } = this.config;
    this.#call(getRequest("leases", namespace, name), "getting");
  }

  /** Requests of an election wait for half the renewal deadline at the most (kube-controller-manager, createClientBuilders). */
  #call(request: Parameters<Api["call"]>[0], phase: ElectionState["phase"]): void {
    const tag: ElectionTag = { election: this.state.attempt };
    this.api.call(request, { ...tag }, Math.ceil(this.config.renewDeadlineUs / 2));
    this.state = { ...this.state, phase };
  }

  /** leaderelection.go, renew: the next attempt comes after the retry period, and has the deadline from then on. */
  #succeed(lease: Lease): void {
    const { now } = this.turn;
    const { retryPeriodUs, renewDeadlineUs } = this.config;
    if (!this.state.leading) this.#acquired(lease);
    const renewBy = now + retryPeriodUs + renewDeadlineUs;
    this.state = { ...this.state, leading: true, lease, observedAt: now, renewBy, phase: "waiting" };
    this.turn.setTimer(ELECTION_TIMER, retryPeriodUs);
  }

  #acquired(lease: Lease): void {
    this.change = "elected";
    this.turn.note(note.electionAcquired);
    this.turn.note((lease.spec?.leaseTransitions ?? 0) === 0 ? note.electionCreated : note.electionTakenOver);
  }

  #fail(): void {
    const { retryPeriodUs } = this.config;
    this.state = { ...this.state, phase: "waiting" };
    if (!this.state.leading) {
      // wait.JitterUntil with a factor of 1.2.
      this.turn.setTimer(ELECTION_TIMER, retryPeriodUs, Math.round(retryPeriodUs * 2.2));
      return;
    }
    this.turn.note(note.electionRenewFailed);
    this.turn.setTimer(ELECTION_TIMER, Math.max(0, Math.min(retryPeriodUs, this.state.renewBy - this.turn.now)));
  }

  #lose(): void {
    this.change = "lost";
    this.turn.note(note.electionLost);
    this.state = { ...this.state, leading: false, phase: "idle", attempt: this.state.attempt + 1, renewBy: 0 };
  }
}
