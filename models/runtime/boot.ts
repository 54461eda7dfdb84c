import type { BootReading, Step } from "../kernel/index.ts";
import { exited } from "./containers.ts";
import { note } from "./notes.ts";
import { RuntimeTurn } from "./turn.ts";
import type { RuntimeConfig, RuntimeDurable, RuntimeTypes } from "./types.ts";

/** The daemon starts, and finds what is left: of a host that was restarted nothing runs, else it is as the plug-in says. */
export function boot(durable: RuntimeDurable, config: RuntimeConfig, reading: BootReading): Step<RuntimeTypes> {
  const turn = new RuntimeTurn(
    {
      kind: "runtime",
      config,
      hostBoots: reading.hostBoots,
      incarnation: reading.now,
      version: 0,
      sandboxes: durable.sandboxes,
      containers: durable.containers,
      images: durable.images,
      ids: 0,
      lastAddress: durable.lastAddress,
      podCIDR: durable.podCIDR === "" ? config.podCIDR : durable.podCIDR,
      operations: [],
      reserved: [],
      stalled: [],
      timerNow: 0,
    },
    reading,
  );
  if (durable.hostBoots !== reading.hostBoots) turn.persist({ kind: "booted", hostBoots: reading.hostBoots }, false);
  if (durable.hostBoots !== 0) {
    if (durable.hostBoots !== reading.hostBoots) hostRestarted(turn);
    else daemonRestarted(turn);
  }
  turn.send(config.kubelet, { kind: "criHello", incarnation: reading.now });
  return { state: turn.finish(), effects: turn.effects };
}

/** Whatever ran is gone, and its end was seen by nobody. */
function hostRestarted(turn: RuntimeTurn): void {
  turn.note(note.hostRestarted);
  for (const container of turn.containers)
    if (container.state === "running") turn.keepContainer(exited(container, turn.plugin.lostExitCode, turn.wall));
  stopSandboxes(turn);
}

/** Programs have gone on without the daemon; some have ended meanwhile. */
function daemonRestarted(turn: RuntimeTurn): void {
  for (const container of turn.containers) {
    if (container.state !== "running" || container.endsNow === 0 || container.endsNow > turn.now) continue;
    turn.note(note.exitedWhileDown);
    turn.keepContainer(exited(container, container.endsWith, turn.wall - (turn.now - container.endsNow)));
  }
  if (turn.plugin.survivesDaemon(turn.config)) {
    turn.note(note.daemonRestarted);
    return;
  }
  turn.note(note.daemonKilled);
  for (const container of turn.containers)
    if (container.state === "running") turn.keepContainer(exited(container, 137, turn.wall));
  stopSandboxes(turn);
}

function stopSandboxes(turn: RuntimeTurn): void {
  for (const sandbox of turn.sandboxes)
    if (sandbox.state === "ready") turn.keepSandbox({ ...sandbox, state: "notReady", ip: "" });
}
