export * from "./assert.ts";
export * from "./contract.ts";
export * from "./machine.ts";
export * from "./notes.ts";
export * from "./ordered-map.ts";
export * from "./vector.ts";
