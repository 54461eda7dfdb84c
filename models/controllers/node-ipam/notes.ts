import { defineNote as define, noteNames } from "../../kernel/index.ts";

/** Every observation that the node IPAM controller can make, by the rule that makes it. */
export const note = {
  occupied: define("controllers/node-ipam/block-of-a-known-node-occupied"),
  allocated: define("controllers/node-ipam/block-allocated"),
  assigned: define("controllers/node-ipam/block-assigned"),
  confirmed: define("controllers/node-ipam/patch-had-happened"),
  hasOther: define("controllers/node-ipam/node-has-another-block"),
  patchRetried: define("controllers/node-ipam/patch-tried-again"),
  outcomeUnknown: define("controllers/node-ipam/outcome-unknown-block-kept"),
  nodeGone: define("controllers/node-ipam/node-gone-block-released"),
  released: define("controllers/node-ipam/released-with-its-node"),
  exhausted: define("controllers/node-ipam/no-block-left"),
  outside: define("controllers/node-ipam/block-outside-the-cluster"),
} as const;

export const NOTE_NAMES: readonly string[] = noteNames(note);
