export * from "./address.ts";
export * from "./bits.ts";
export * from "./cidr.ts";
export * from "./cidr-set.ts";
export * from "./routes.ts";
export * from "./validation.ts";
