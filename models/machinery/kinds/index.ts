export type * from "./apps.ts";
export type * from "./core.ts";
export type * from "./meta.ts";
export type * from "./others.ts";
