import { defineNote as define, noteNames } from "../kernel/index.ts";

/** Every observation of a server of names. */
export const dnsNote = {
  notReady: define("dns/not-ready"),
  service: define("dns/service"),
  headless: define("dns/headless"),
  endpoint: define("dns/endpoint"),
  external: define("dns/external-name"),
  pod: define("dns/pod"),
  reverse: define("dns/reverse"),
  noSuchName: define("dns/no-such-name"),
  noData: define("dns/no-such-type"),
} as const;

/** … and of a client. */
export const clientNote = {
  answered: define("traffic/answered"),
  refused: define("traffic/refused"),
  reset: define("traffic/reset"),
  timedOut: define("traffic/timed-out"),
  noSuchName: define("traffic/no-such-name"),
  late: define("traffic/late-answer"),
  reused: define("traffic/flow-used-again"),
  busy: define("traffic/skipped-one-is-under-way"),
} as const;

export const DNS_NOTES: readonly string[] = noteNames(dnsNote);
export const TRAFFIC_CLIENT_NOTES: readonly string[] = noteNames(clientNote);
