import { describe, expect, test } from "vitest";
import { deepFreeze } from "../kernel/index.ts";
import type { NetworkMessage, Packet } from "../network/types.ts";
import {
  type Behaviour,
  DEFAULT_BEHAVIOUR,
  RUNTIME_DEFAULTS,
  type RuntimeContainer,
  type RuntimeSandbox,
  type RuntimeState,
  runtime,
} from "./index.ts";

const SECOND = 1_000_000;
const sandbox: RuntimeSandbox = {
  id: "s1",
  podUid: "uid-a",
  podNamespace: "default",
  podName: "a",
  attempt: 0,
  state: "ready",
  createdAt: 0,
  ip: "10.244.1.2",
  hostPorts: [],
};
const container = (changes: Partial<RuntimeContainer> = {}): RuntimeContainer => ({
  id: "c1",
  name: "k8s_main_a",
  sandboxId: "s1",
  podUid: "uid-a",
  podNamespace: "default",
  podName: "a",
  container: "main",
  attempt: 0,
  image: "web:1",
  hash: "h",
  state: "running",
  createdAt: 0,
  startedAt: 0,
  finishedAt: 0,
  exitCode: 0,
  reason: "",
  memoryBytes: 0,
  startedNow: 0,
  endsNow: 0,
  endsWith: 0,
  ...changes,
});
const packet = (changes: Partial<Packet> = {}): Packet => ({
  id: "p1",
  tuple: { protocol: "TCP", source: "10.244.2.9", sourcePort: 40_000, destination: "10.96.0.9", destinationPort: 80 },
  step: "open",
  peer: "",
  ...changes,
});

function answerOf(
  given: {
    sandboxes?: RuntimeSandbox[];
    containers?: RuntimeContainer[];
    behaviour?: Partial<Behaviour>;
    address?: string;
  },
  sent: Packet = packet(),
): Extract<NetworkMessage, { kind: "netDelivered" }> | null {
  const config = {
    ...RUNTIME_DEFAULTS,
    id: "runtime-1",
    node: "node-1",
    kubelet: "kubelet-1",
    podCIDR: "10.244.1.0/24",
    behaviours: [{ ...DEFAULT_BEHAVIOUR, ...given.behaviour }],
  };
  const booted = runtime.boot(runtime.disk.empty, config, { now: 0, wall: 0, hostBoots: 1 }).state;
  const state: RuntimeState = deepFreeze({
    ...booted,
    sandboxes: given.sandboxes ?? [sandbox],
    containers: given.containers ?? [container()],
  });
  const { address = "10.244.1.2" } = given;
  const message = { kind: "netDeliver", packet: sent, client: "client-1", address, port: 8080 } as const;
  const { effects } = runtime.step(state, { kind: "receive", from: "proxy-2", message, now: 10 * SECOND, wall: 0 });
  const send = effects.find((effect) => effect.kind === "send");
  if (send === undefined) return null;
  expect(send.to).toBe("proxy-2");
  return send.message as Extract<NetworkMessage, { kind: "netDelivered" }>;
}

describe("packets", () => {
  test("answered by the pod that has the address, whichever of its containers runs", () => {
    expect(answerOf({})).toMatchObject({ outcome: "answered", pod: "uid-a", peer: "c1", client: "client-1" });
    const containers = [container({ state: "exited" }), container({ id: "c2", container: "sidecar" })];
    expect(answerOf({ containers })).toMatchObject({ outcome: "answered", peer: "c2" });
  });

  test("an address of nobody is silent, and one that was given back is nobody's", () => {
    expect(answerOf({ sandboxes: [] })).toBeNull();
    expect(answerOf({ sandboxes: [{ ...sandbox, state: "notReady", ip: "" }] })).toBeNull();
  });

  test("at the host's address: the pod of its network whose port it is, or one that says none; else it is refused", () => {
    const ofHost = (id: string, ...hostPorts: readonly number[]) => ({ ...sandbox, id, podUid: id, ip: "", hostPorts });
    const answer = (...sandboxes: RuntimeSandbox[]) =>
      answerOf({
        address: "192.168.0.1",
        sandboxes: [sandbox, ...sandboxes],
        containers: sandboxes.map(({ id, podUid }) => container({ id: `c-${id}`, sandboxId: id, podUid })),
      });
    expect(answer(ofHost("x", 80), ofHost("y", 8080))).toMatchObject({ outcome: "answered", pod: "y" });
    expect(answer(ofHost("x", 80), ofHost("z"))).toMatchObject({ outcome: "answered", pod: "z" });
    expect(answer(ofHost("x", 80))).toMatchObject({ outcome: "refused", pod: "" });
  });

  test("nobody listens before the program has started, and after it has ended; one that hangs is silent", () => {
    expect(answerOf({ containers: [container({ state: "exited" })] })).toMatchObject({ outcome: "refused", peer: "" });
    expect(answerOf({ behaviour: { startsAfterUs: 20 * SECOND } })).toMatchObject({ outcome: "refused" });
    expect(answerOf({ behaviour: { hangsAfterUs: SECOND } })).toBeNull();
  });

  test("a connection that another process has accepted is reset; a datagram has no connection", () => {
    const data = packet({ step: "data", peer: "c0" });
    expect(answerOf({}, data)).toMatchObject({ outcome: "reset" });
    expect(answerOf({}, { ...data, peer: "c1" })).toMatchObject({ outcome: "answered" });
    expect(answerOf({}, { ...data, tuple: { ...data.tuple, protocol: "UDP" } })).toMatchObject({ outcome: "answered" });
  });
});
