import { defineNote as define, noteNames } from "../kernel/index.ts";

/** What the manager itself observes; its controllers have their own. */
export const note = {
  leads: define("controllers/manager/leads"),
  exited: define("controllers/manager/exited"),
  restarted: define("controllers/manager/restarted"),
  started: define("controllers/manager/controller-started"),
  retried: define("controllers/manager/key-tried-again"),
  unanswered: define("controllers/manager/unanswered"),
} as const;

export const MANAGER_NOTES: readonly string[] = noteNames(note);
