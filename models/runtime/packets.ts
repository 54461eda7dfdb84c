import type { ProcessId } from "../kernel/index.ts";
import { cidrContains, cidrOf, parseAddressSloppy } from "../machinery/net/index.ts";
import type { NetworkMessage, PacketOutcome } from "../network/types.ts";
import { behaviourOf, probeOutcome } from "./behaviours.ts";
import { note } from "./notes.ts";
import type { RuntimeTurn } from "./turn.ts";
import type { RuntimeContainer, RuntimeSandbox } from "./types.ts";

type Delivery = Extract<NetworkMessage, { readonly kind: "netDeliver" }>;

/**
 * A packet for an address of this node. All containers of a pod share its address, and any of them that runs answers. An
 * address that no sandbox has gives no answer at all; a program that hangs takes what comes and says nothing.
 */
export function takePacket(turn: RuntimeTurn, from: ProcessId, { packet, client, address, port }: Delivery): void {
  const sandbox = sandboxAt(turn, address, port);
  if (sandbox === null) {
    turn.note(note.packetForNobody);
    // The host itself says that nobody listens there.
    if (!isOfPods(turn, address))
      turn.send(from, { kind: "netDelivered", packet, client, outcome: "refused", pod: "", peer: "" });
    return;
  }
  const running = turn.containers.filter(({ sandboxId, state }) => sandboxId === sandbox.id && state === "running");
  const answers = running.map((container) => [container, liveness(turn, container)] as const);
  const [listening] = answers.find(([, outcome]) => outcome === "success") ?? [];
  if (listening === undefined && answers.some(([, outcome]) => outcome === "hangs")) return;
  const peer = listening?.id ?? "";
  // A connection is one with the process that has accepted it, not with whoever has its address now.
  const isStrange = packet.tuple.protocol === "TCP" && packet.step === "data" && packet.peer !== peer;
  const outcome: PacketOutcome = peer === "" ? "refused" : isStrange ? "reset" : "answered";
  turn.note(outcome === "answered" ? note.packetAnswered : note.packetRefused);
  turn.send(from, { kind: "netDelivered", packet, client, outcome, pod: sandbox.podUid, peer });
}

/** Whose address it is. At the host's own, that of its network whose port it is, or else one that says none. */
function sandboxAt(turn: RuntimeTurn, address: string, port: number): RuntimeSandbox | null {
  const ready = turn.sandboxes.filter(({ state }) => state === "ready");
  const own = ready.find(({ ip }) => ip === address);
  if (own !== undefined || isOfPods(turn, address)) return own ?? null;
  const ofHost = ready.filter(({ ip }) => ip === "");
  return (
    ofHost.find(({ hostPorts }) => hostPorts.includes(port)) ??
    ofHost.find(({ hostPorts }) => hostPorts.length === 0) ??
    null
  );
}

function isOfPods({ podCIDR }: RuntimeTurn, address: string): boolean {
  const parsed = parseAddressSloppy(address);
  return podCIDR !== "" && parsed !== null && cidrContains(cidrOf(podCIDR), parsed);
}

/** Whether its program listens. */
function liveness(turn: RuntimeTurn, container: RuntimeContainer): ReturnType<typeof probeOutcome> {
  return probeOutcome(behaviourOf(turn.config, container.image), container, "liveness", turn.now);
}
