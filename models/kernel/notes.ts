import type { Note } from "./machine.ts";

/** An observation by its name: a constant, so that making it costs no allocation. */
export function defineNote(name: string): Note {
  return Object.freeze({ kind: "note" as const, name });
}

/** The names of all notes of a model, in the order of their definition. Coverage shows those that no run has reached. */
export function noteNames(notes: Readonly<Record<string, Note>>): readonly string[] {
  return Object.freeze(Object.values(notes).map(nameOf));
}

function nameOf(noted: Note): string {
  return noted.name;
}
