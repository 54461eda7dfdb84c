import type { Micros } from "../kernel/index.ts";
import type { Agenda, Due } from "./types.ts";

/**
 * One timer serves all that a kubelet waits for: what is due is kept here, ordered by time, and of one time by name. It is
 * but little for each pod of the node, for which a list is quicker than a tree.
 */
export const EMPTY_AGENDA: Agenda = [];

/** The agenda on which something is due at a time; 0: not any more. */
export function withDue(agenda: Agenda, name: string, at: Micros): Agenda {
  const before = placeOf(agenda, name);
  if (before < 0 ? at === 0 : agenda[before]!.at === at) return agenda;
  const changed: Due[] = [];
  let placed = at === 0;
  for (let i = 0; i < agenda.length; i++) {
    if (i === before) continue;
    const other = agenda[i]!;
    if (!placed && (at < other.at || (at === other.at && name < other.name))) {
      changed.push({ name, at });
      placed = true;
    }
    changed.push(other);
  }
  if (!placed) changed.push({ name, at });
  return changed;
}

export function dueOf(agenda: Agenda, name: string): Micros {
  const place = placeOf(agenda, name);
  return place < 0 ? 0 : agenda[place]!.at;
}

/** What comes first, and when; null when there is nothing. */
export function firstDue(agenda: Agenda): Due | null {
  return agenda.length === 0 ? null : agenda[0]!;
}

function placeOf(agenda: Agenda, name: string): number {
  for (let i = 0; i < agenda.length; i++) if (agenda[i]!.name === name) return i;
  return -1;
}
