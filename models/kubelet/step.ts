import { type Input, ModelBug } from "../kernel/index.ts";
import type { Answer } from "../machinery/client/types.ts";
import type { CriServerMessage } from "../runtime/types.ts";
import { firstDue } from "./agenda.ts";
import { callsDue, callTimedOut, criReceived, HOUSEKEEPING_DUE, RELIST_DUE, relist } from "./cri.ts";
import { EVICTION_DUE, relievePressure } from "./eviction.ts";
import { cleanUpPods } from "./housekeeping.ts";
import { LEASE_DUE, type LeaseTag, leaseAnswered, renewLease } from "./lease.ts";
import { NODE_DUE, type NodeTag, nodeAnswered, tellNetwork, tellNode } from "./node.ts";
import { runDueProbes } from "./probes.ts";
import { flush, type ReportTag, reportAnswered, STATUSES_DUE, syncStatuses } from "./reports.ts";
import { syncPod } from "./sync.ts";
import { cleanUp } from "./termination.ts";
import { CALLS_DUE, KUBELET_TIMER, KubeletTurn } from "./turn.ts";
import type { KubeletState, KubeletTypes } from "./types.ts";
import { podEvents } from "./workers.ts";

/** One input; then whatever it has touched is looked at, and one status is written. */
export function step(state: KubeletState, input: Input<KubeletTypes>) {
  const turn = new KubeletTurn(state, input);
  take(turn, input);
  settle(turn);
  return { state: turn.finish(), effects: turn.effects };
}

function take(turn: KubeletTurn, input: Input<KubeletTypes>): void {
  if (input.kind === "timer" && input.name === KUBELET_TIMER) {
    turn.disarmed();
    runDue(turn);
    return;
  }
  const news = turn.api.take(input);
  if (news !== null) {
    podEvents(turn, news.events);
    for (const answer of news.answers) apiAnswered(turn, answer);
    return;
  }
  if (input.kind === "receive") criReceived(turn, input.message as CriServerMessage);
}

function apiAnswered(turn: KubeletTurn, { tag, response }: Answer): void {
  const own = tag as ReportTag | NodeTag | LeaseTag;
  switch (own.what) {
    case "status":
    case "delete":
      reportAnswered(turn, own, response);
      return;
    case "node":
      nodeAnswered(turn, own, response);
      return;
    case "lease":
      leaseAnswered(turn, own, response);
  }
}

/** Looks at the pods that something has happened to, until nothing more follows. */
function settle(turn: KubeletTurn): void {
  for (const uid of turn.dirty) {
    turn.dirty.delete(uid);
    syncPod(turn, uid);
  }
  // fastStatusUpdateOnce: until there is a network, the node's block is waited for.
  if (turn.runtime.podCIDR === "") tellNetwork(turn);
  flush(turn);
}

/** Does all that is due, in the order of time. */
function runDue(turn: KubeletTurn): void {
  for (let next = firstDue(turn.agenda); next !== null && next.at <= turn.now; next = firstDue(turn.agenda)) {
    turn.due(next.name, 0);
    due(turn, next.name);
  }
}

function due(turn: KubeletTurn, name: string): void {
  switch (name) {
    case NODE_DUE:
      tellNode(turn);
      return;
    case LEASE_DUE:
      renewLease(turn);
      return;
    case EVICTION_DUE:
      relievePressure(turn);
      return;
    case RELIST_DUE:
      relist(turn);
      return;
    case CALLS_DUE:
      callsDue(turn);
      return;
    case HOUSEKEEPING_DUE:
      cleanUpPods(turn);
      return;
    case STATUSES_DUE:
      syncStatuses(turn);
      return;
  }
  const slash = name.indexOf("/");
  const what = name.slice(slash + 1);
  switch (name.slice(0, slash)) {
    case "pod":
      podDue(turn, what);
      return;
    case "call":
      callTimedOut(turn, what);
      return;
    case "clean":
      cleanUp(turn, what);
      return;
    default:
      throw new ModelBug(`nothing is known of ${name}`);
  }
}

function podDue(turn: KubeletTurn, uid: string): void {
  const worker = turn.worker(uid);
  if (worker === null) return;
  const probed = turn.runtime.isSynced ? runDueProbes(turn, worker) : postponed(turn, worker);
  if (probed.dueNow !== 0 && probed.dueNow <= turn.now) {
    turn.keep({ ...probed, dueNow: 0 });
    turn.dirty.add(uid);
  } else turn.keep(probed);
}

/** While the runtime is not known, no probe is made. */
function postponed(turn: KubeletTurn, worker: NonNullable<ReturnType<KubeletTurn["worker"]>>) {
  const probes = worker.probes.map((one) =>
    one.dueNow > 0 && one.dueNow <= turn.now ? { ...one, dueNow: turn.now + 1_000_000 } : one,
  );
  return { ...worker, probes };
}
