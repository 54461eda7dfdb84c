import { defineNote as define, noteNames } from "../../kernel/index.ts";

/** Every observation that a client of the API can make, by the rule that makes it. */
export const note = {
  callTimedOut: define("client/call/timed-out"),
  callLate: define("client/call/late-answer-dropped"),
  callUnavailable: define("client/call/server-unavailable"),
  failedOver: define("client/failed-over"),

  listStale: define("client/informer/list-from-any-version"),
  relist: define("client/informer/relisted-from-last-version"),
  listLatest: define("client/informer/listed-the-latest"),
  listFailed: define("client/informer/list-failed"),
  versionExpired: define("client/informer/version-expired"),
  versionTooLarge: define("client/informer/version-too-large"),
  tombstone: define("client/informer/deletion-missed"),
  watchExpired: define("client/informer/watch-expired"),
  watchRefused: define("client/informer/watch-refused"),
  watchEnded: define("client/informer/watch-ended"),
  watchGap: define("client/informer/watch-gap"),
  watchUnknown: define("client/informer/unknown-watch-stopped"),
  watchSilent: define("client/informer/watch-silent"),
  bookmark: define("client/informer/bookmark"),
  resynced: define("client/informer/resynced"),

  electionCreated: define("client/election/lease-created"),
  electionAcquired: define("client/election/acquired"),
  electionTakenOver: define("client/election/taken-over"),
  electionHeld: define("client/election/held-by-another"),
  electionRenewFailed: define("client/election/renewal-failed"),
  electionLost: define("client/election/lost"),
} as const;

/** The names of all notes, in the order of their definition. */
export const CLIENT_NOTES: readonly string[] = noteNames(note);
