export * from "./job.ts";
export * from "./plan.ts";
export * from "./range.ts";
export * from "./repair.ts";
export * from "./service.ts";
