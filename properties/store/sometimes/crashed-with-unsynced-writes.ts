import { crashedWithUnsyncedWrites as ofRaft } from "../../raft/sometimes/crashed-with-unsynced-writes.ts";
import { onMembers } from "../store-property.ts";

/** A member of a store loses, in a crash, something of its log or its vote that it had not yet written for good. */
export const crashedWithUnsyncedWrites = onMembers(ofRaft);
