import type { CancelTimer, Micros, RequestId, SetTimer } from "../kernel/index.ts";
import type { ClientConfig } from "./types.ts";

/** Of a session: no answer to its call, its backoff is over, or what it holds is to be given up. */
export const WORK_TIMER = "work/";
/** Of a session: its lease is to be renewed, or its renewal has had no answer. */
export const RENEW_TIMER = "renew/";
/** Of a session: what it holds by its lease is no longer certain. */
export const EXPIRE_TIMER = "expire/";
/** Of a watch: no answer, silence, or its backoff is over. */
export const WATCH_TIMER = "watch/";
/** Of a watch: it has gone on long enough. */
export const WATCH_END_TIMER = "watchEnd/";

export function workTimer(session: number, us: Micros): SetTimer {
  return fixed(WORK_TIMER + session, us);
}

export function backoffTimer(config: ClientConfig, session: number, failures: number): SetTimer {
  return jittered(WORK_TIMER + session, backoffOf(config, failures));
}

export function cancelWork(session: number): CancelTimer {
  return { kind: "cancelTimer", name: WORK_TIMER + session };
}

export function renewTimer(session: number, us: Micros): SetTimer {
  return fixed(RENEW_TIMER + session, us);
}

export function renewBackoffTimer(session: number, us: Micros): SetTimer {
  return jittered(RENEW_TIMER + session, us);
}

export function cancelRenew(session: number): CancelTimer {
  return { kind: "cancelTimer", name: RENEW_TIMER + session };
}

export function expireTimer(session: number, us: Micros): SetTimer {
  return fixed(EXPIRE_TIMER + session, us);
}

export function cancelExpire(session: number): CancelTimer {
  return { kind: "cancelTimer", name: EXPIRE_TIMER + session };
}

export function watchTimer(work: RequestId, us: Micros): SetTimer {
  return fixed(WATCH_TIMER + work, us);
}

export function watchBackoffTimer(config: ClientConfig, work: RequestId, failures: number): SetTimer {
  return jittered(WATCH_TIMER + work, backoffOf(config, failures));
}

export function cancelWatch(work: RequestId): CancelTimer {
  return { kind: "cancelTimer", name: WATCH_TIMER + work };
}

export function watchEndTimer(work: RequestId, us: Micros): SetTimer {
  return fixed(WATCH_END_TIMER + work, us);
}

export function cancelWatchEnd(work: RequestId): CancelTimer {
  return { kind: "cancelTimer", name: WATCH_END_TIMER + work };
}

/** How long to wait after so many failures in a row: doubled each time, up to the most. */
export function backoffOf(config: ClientConfig, failures: number): Micros {
  const doublings = Math.min(Math.max(failures - 1, 0), 30);
  return Math.min(config.backoffMaxUs, config.backoffUs * 2 ** doublings);
}

/** Half of the wait is left to chance, so that those that failed together do not come back together. */
function jittered(name: string, us: Micros): SetTimer {
  return { kind: "setTimer", name, minUs: Math.floor(us / 2), maxUs: us };
}

function fixed(name: string, us: Micros): SetTimer {
  return { kind: "setTimer", name, minUs: us, maxUs: us };
}
