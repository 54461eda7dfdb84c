import { deepFreeze } from "../../../kernel/contract.ts";
import type { Service } from "../../../machinery/kinds/index.ts";
import {
  type Answer,
  type Job,
  type Move,
  newRepair,
  planOfCreate,
  planOfDelete,
  type RangeAllocation,
  type RangeChange,
  type RangeName,
  type Ranges,
  type Repair,
  type RepairMove,
  servicesListed,
  startJob,
  startRepair,
  stepJob,
  stepRepair,
} from "../index.ts";

/** A store of ranges and services, as far as jobs and repairs need one. */
export class Shelf {
  revision = 1;
  readonly ranges = new Map<string, { readonly object: RangeAllocation; readonly revision: number }>();
  readonly services = new Map<string, Service>();

  read(key: string): Answer {
    const kept = this.ranges.get(key);
    return { kind: "range", object: kept?.object ?? null, revision: kept?.revision ?? 0 };
  }

  write({ key, revision, object }: Extract<Move, { readonly kind: "write" }>): Answer {
    const kept = this.ranges.get(key);
    if ((kept?.revision ?? 0) !== revision)
      return { kind: "conflict", object: kept?.object ?? null, revision: kept?.revision ?? 0 };
    this.ranges.set(key, { object: deepFreeze(JSON.parse(JSON.stringify(object))), revision: ++this.revision });
    return { kind: "written" };
  }

  /** In the order of the names. */
  list(): readonly Service[] {
    return [...this.services.keys()].sort().map((key) => this.services.get(key)!);
  }
}

/** What one API server does with one service, one call of the store a step. */
export class Request {
  /** `done`: the service is created, or gone. `refused`: with the API's message. */
  outcome: "" | "done" | "refused" | "crashed" = "";
  message = "";
  service: Service;
  readonly shelf: Shelf;
  readonly ranges: Ranges;
  readonly #steps: Generator<void>;

  constructor(shelf: Shelf, ranges: Ranges, service: Service, verb: "create" | "delete") {
    this.shelf = shelf;
    this.ranges = ranges;
    this.service = service;
    this.#steps = verb === "create" ? this.#create() : this.#remove();
  }

  /** Takes a step. False: there is none left. */
  step(): boolean {
    return this.outcome === "" && this.#steps.next().done !== true;
  }

  run(): this {
    while (this.step());
    return this;
  }

  crash(): void {
    if (this.outcome === "") this.outcome = "crashed";
  }

  *#create(): Generator<void> {
    const move = yield* this.#job(this.service, planOfCreate(this.service).before);
    yield;
    if (move.kind === "refused") {
      yield* this.#job(this.service, move.undo);
      this.message = move.status.message;
      this.outcome = "refused";
      return;
    }
    const { name } = this.service.metadata;
    if (this.shelf.services.has(name)) {
      yield* this.#job(this.service, move.taken);
      this.message = "already exists";
      this.outcome = "refused";
      return;
    }
    this.service = move.service;
    this.shelf.services.set(name, move.service);
    this.outcome = "done";
  }

  *#remove(): Generator<void> {
    const { name } = this.service.metadata;
    const stored = this.shelf.services.get(name);
    this.shelf.services.delete(name);
    yield;
    if (stored !== undefined) yield* this.#job(stored, planOfDelete(stored, this.shelf.list()).after);
    this.outcome = "done";
  }

  *#job(
    service: Service,
    changes: readonly RangeChange[],
  ): Generator<void, Extract<Move, { kind: "done" | "refused" }>> {
    let [job, move]: readonly [Job, Move] = startJob(service, changes);
    while (move.kind === "read" || move.kind === "write") {
      yield;
      const answer = move.kind === "read" ? this.shelf.read(move.key) : this.shelf.write(move);
      [job, move] = stepJob(deepFreeze(job), this.ranges, deepFreeze(answer));
    }
    return move;
  }
}

/** The repair loop of one API server. */
export class RepairLoop {
  readonly shelf: Shelf;
  readonly ranges: Ranges;
  repair: Repair;
  move: RepairMove = { kind: "rest", problems: [] };

  constructor(shelf: Shelf, ranges: Ranges, name: RangeName) {
    this.shelf = shelf;
    this.ranges = ranges;
    this.repair = newRepair(name, 0);
  }

  start(): void {
    [this.repair, this.move] = startRepair(this.repair, 0);
  }

  /** False: it rests. */
  step(): boolean {
    const { move } = this;
    if (move.kind === "rest") return false;
    deepFreeze(this.repair);
    if (move.kind === "list")
      [this.repair, this.move] = servicesListed(this.repair, this.ranges[this.repair.name], this.shelf.list());
    else
      [this.repair, this.move] = stepRepair(
        this.repair,
        move.kind === "read" ? this.shelf.read(move.key) : this.shelf.write(move),
      );
    return true;
  }

  run(): RepairMove {
    this.start();
    while (this.step());
    return this.move;
  }
}
