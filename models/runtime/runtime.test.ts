import { describe, expect, test } from "vitest";
import { contractBreach, deepFreeze, type Effect, type Input } from "../kernel/index.ts";
import { nextAddress } from "./addresses.ts";
import {
  type CriRequest,
  DEFAULT_BEHAVIOUR,
  RUNTIME_DEFAULTS,
  type RuntimeConfig,
  type RuntimeName,
  type RuntimeTypes,
  runtime,
} from "./index.ts";
import { pluginOf } from "./plugin.ts";

const CONFIG: RuntimeConfig = {
  ...RUNTIME_DEFAULTS,
  id: "runtime-1",
  node: "node-1",
  kubelet: "kubelet-1",
  podCIDR: "10.244.1.0/24",
  sandboxUs: 0,
};

/** A runtime by itself: what it is asked, and what it answers. */
class Host {
  now = 1_000_000;
  state;
  disk = runtime.disk.empty;
  readonly inputs: Input<RuntimeTypes>[] = [];
  sent: Extract<Effect<RuntimeTypes>, { kind: "send" }>["message"][] = [];
  timerAt: number | null = null;
  #calls = 0;
  hostBoots = 1;
  readonly config: RuntimeConfig;

  constructor(config: Partial<RuntimeConfig> = {}) {
    this.config = deepFreeze({ ...CONFIG, ...config });
    this.state = this.#boot();
  }

  #boot() {
    const step = runtime.boot(this.disk, this.config, { now: this.now, wall: this.now, hostBoots: this.hostBoots });
    this.timerAt = null;
    this.#carryOut(step.effects);
    return step.state;
  }

  restart(hostBoots = this.hostBoots): void {
    this.hostBoots = hostBoots;
    this.state = this.#boot();
  }

  #carryOut(effects: readonly Effect<RuntimeTypes>[]): void {
    for (const effect of effects) {
      if (effect.kind === "send") this.sent.push(effect.message);
      else if (effect.kind === "persist") this.disk = runtime.disk.write(this.disk, effect.record);
      else if (effect.kind === "setTimer") this.timerAt = this.now + effect.minUs;
      else if (effect.kind === "cancelTimer") this.timerAt = null;
    }
  }

  give(input: Input<RuntimeTypes>): void {
    this.inputs.push(input);
    const { state, effects } = runtime.step(this.state, input);
    this.state = state;
    this.#carryOut(effects);
  }

  /** Time passes. */
  wait(us: number): void {
    const end = this.now + us;
    while (this.timerAt !== null && this.timerAt <= end) {
      this.now = this.timerAt;
      this.timerAt = null;
      this.give({ kind: "timer", name: "runtime", now: this.now, wall: this.now });
    }
    this.now = end;
  }

  begin(request: CriRequest): string {
    const id = `c${++this.#calls}`;
    const message = { kind: "criCall", id, request } as const;
    this.give({ kind: "receive", from: "kubelet-1", message, now: this.now, wall: this.now });
    return id;
  }

  cancel(id: string): void {
    this.give({
      kind: "receive",
      from: "kubelet-1",
      message: { kind: "criCancel", id },
      now: this.now,
      wall: this.now,
    });
  }

  connect(): void {
    const message = { kind: "criConnect" } as const;
    this.give({ kind: "receive", from: "kubelet-1", message, now: this.now, wall: this.now });
  }

  answerOf(id: string) {
    for (const message of this.sent) if (message.kind === "criAnswer" && message.id === id) return message;
    return null;
  }

  ask(request: CriRequest) {
    const id = this.begin(request);
    const answer = this.answerOf(id);
    if (answer === null) throw new Error("no answer yet");
    return answer.result;
  }

  sandbox(podUid = "u1", attempt = 0): string {
    const names = { podNamespace: "default", podName: `pod-${podUid}`, hostNetwork: false, hostPorts: [] };
    const result = this.ask({ kind: "runPodSandbox", podUid, attempt, ...names });
    return result.kind === "sandbox" ? result.sandboxId : `no sandbox: ${JSON.stringify(result)}`;
  }

  createRequest(sandboxId: string, image = "app", attempt = 0): CriRequest {
    return { kind: "createContainer", podUid: "u1", sandboxId, container: "app", attempt, image, hash: "h" };
  }

  start(sandboxId: string, image = "app", attempt = 0): string {
    const made = this.ask(this.createRequest(sandboxId, image, attempt));
    const containerId = made.kind === "container" ? made.containerId : "";
    expect(this.ask({ kind: "startContainer", podUid: "u1", containerId }).kind).toBe("done");
    return containerId;
  }

  containerNow(id: string) {
    return this.state.containers.find((container) => container.id === id);
  }
}

const CRASHES = { ...DEFAULT_BEHAVIOUR, image: "crashes", exitsAfterUs: 2_000_000, exitCode: 3 };
const STUBBORN = { ...DEFAULT_BEHAVIOUR, image: "stubborn", ignoresSigterm: true };

describe("containers", () => {
  test("what exits by itself is told once, with its exit code and time", () => {
    const host = new Host({ behaviours: [CRASHES] });
    const id = host.start(host.sandbox(), "crashes");
    host.sent = [];
    host.wait(1_999_999);
    expect(host.containerNow(id)?.state).toBe("running");
    host.wait(1);
    expect(host.containerNow(id)).toMatchObject({
      state: "exited",
      exitCode: 3,
      reason: "Error",
      finishedAt: 3_000_000,
    });
    expect(host.sent.map(({ kind }) => kind)).toEqual(["criEvent"]);
  });

  test("an image may exit in its first attempts only", () => {
    const host = new Host({ behaviours: [{ ...CRASHES, exitsTimes: 1 }] });
    const sandbox = host.sandbox();
    const first = host.start(sandbox, "crashes", 0);
    host.wait(5_000_000);
    const second = host.start(sandbox, "crashes", 1);
    host.wait(60_000_000);
    expect([first, second].map((id) => host.containerNow(id)?.state)).toEqual(["exited", "running"]);
  });

  test("SIGTERM ends it with 0; the call is answered when it has, and is the only word of it", () => {
    const host = new Host();
    const containerId = host.start(host.sandbox());
    host.sent = [];
    const call = host.begin({ kind: "stopContainer", podUid: "u1", containerId, graceUs: 30_000_000 });
    expect(host.answerOf(call)).toBeNull();
    host.wait(100_000);
    expect(host.answerOf(call)?.result.kind).toBe("done");
    expect(host.containerNow(containerId)).toMatchObject({ state: "exited", exitCode: 0, reason: "Completed" });
    expect(host.sent).toHaveLength(1);
  });

  test("what ignores SIGTERM is killed at the end of the grace: 137", () => {
    const host = new Host({ behaviours: [STUBBORN] });
    const containerId = host.start(host.sandbox(), "stubborn");
    const call = host.begin({ kind: "stopContainer", podUid: "u1", containerId, graceUs: 30_000_000 });
    host.wait(29_999_999);
    expect(host.containerNow(containerId)?.state).toBe("running");
    host.wait(1);
    expect(host.containerNow(containerId)).toMatchObject({ state: "exited", exitCode: 137 });
    expect(host.answerOf(call)?.result.kind).toBe("done");
  });

  test("a shorter grace counts beside a longer one, and a canceled stop kills nobody", () => {
    const host = new Host({ behaviours: [STUBBORN] });
    const containerId = host.start(host.sandbox(), "stubborn");
    const stop = (graceUs: number) => host.begin({ kind: "stopContainer", podUid: "u1", containerId, graceUs });
    host.cancel(stop(1_000_000));
    stop(30_000_000);
    host.wait(5_000_000);
    expect(host.containerNow(containerId)?.state).toBe("running");
    stop(2_000_000);
    host.wait(2_000_000);
    expect(host.containerNow(containerId)?.state).toBe("exited");
  });

  test("what runs cannot be removed, and what is not there is", () => {
    const host = new Host();
    const containerId = host.start(host.sandbox());
    expect(host.ask({ kind: "removeContainer", podUid: "u1", containerId })).toMatchObject({
      code: "failedPrecondition",
    });
    expect(host.ask({ kind: "removeContainer", podUid: "u1", containerId: "other" }).kind).toBe("done");
  });
});

describe("sandboxes", () => {
  test("stopping one kills what is in it and gives its address back; a stopped one takes no container", () => {
    const host = new Host();
    const sandboxId = host.sandbox();
    const containerId = host.start(sandboxId);
    expect(host.state.sandboxes[0]?.ip).toBe("10.244.1.2");
    host.ask({ kind: "stopPodSandbox", podUid: "u1", sandboxId });
    expect(host.state.sandboxes[0]).toMatchObject({ state: "notReady", ip: "" });
    expect(host.containerNow(containerId)).toMatchObject({ state: "exited", exitCode: 137 });
    expect(host.ask(host.createRequest(sandboxId, "app", 1))).toMatchObject({ kind: "error", code: "notFound" });
  });

  test("a stopped sandbox keeps what was created in it from starting", () => {
    const host = new Host();
    const sandboxId = host.sandbox();
    const made = host.ask(host.createRequest(sandboxId));
    host.ask({ kind: "stopPodSandbox", podUid: "u1", sandboxId });
    const containerId = made.kind === "container" ? made.containerId : "";
    expect(host.ask({ kind: "startContainer", podUid: "u1", containerId })).toMatchObject({
      code: "failedPrecondition",
    });
  });

  test("removing one removes all of it, from memory and disk", () => {
    const host = new Host();
    const sandboxId = host.sandbox();
    host.start(sandboxId);
    host.ask({ kind: "removePodSandbox", podUid: "u1", sandboxId });
    expect([host.state.sandboxes, host.state.containers, host.disk.sandboxes, host.disk.containers].flat()).toEqual([]);
  });

  test("addresses go round, and none is given twice", () => {
    expect(nextAddress("10.1.0.0/29", 0, [])).toEqual({ ip: "10.1.0.2", place: 2 });
    expect(nextAddress("10.1.0.0/29", 6, [])).toEqual({ ip: "10.1.0.2", place: 2 });
    expect(nextAddress("10.1.0.0/29", 2, ["10.1.0.3", "10.1.0.4"])).toEqual({ ip: "10.1.0.5", place: 5 });
    const host = new Host({ podCIDR: "10.1.0.0/29" });
    const sandboxes = ["a", "b", "c", "d", "e"].map((uid) => host.sandbox(uid));
    expect(new Set(host.state.sandboxes.map(({ ip }) => ip)).size).toBe(5);
    expect(host.sandbox("f")).toMatch(/no IP addresses available/);
    host.ask({ kind: "stopPodSandbox", podUid: "c", sandboxId: sandboxes[2]! });
    host.sandbox("g");
    expect(host.state.sandboxes.find(({ podUid }) => podUid === "g")?.ip).toBe("10.1.0.4");
  });

  test("there is no network before it is said what it is; then it stays, and may become another", () => {
    const host = new Host({ podCIDR: "" });
    expect(host.sandbox("a")).toMatch(/cni plugin not initialized/);
    host.ask({ kind: "updateRuntimeConfig", podCIDR: "10.1.0.0/29" });
    host.sandbox("a");
    host.wait(1);
    host.restart();
    expect(host.state.podCIDR).toBe("10.1.0.0/29");
    host.ask({ kind: "updateRuntimeConfig", podCIDR: "10.1.0.8/29" });
    host.sandbox("b");
    expect(host.disk.sandboxes.map(({ ip }) => ip).sort()).toEqual(["", "10.1.0.10"]);
    expect(host.ask({ kind: "list", sinceVersion: -1 })).toMatchObject({ podCIDR: "10.1.0.8/29" });
  });
});

describe("images", () => {
  test("a pull takes its time; what is not there is refused", () => {
    const host = new Host({ behaviours: [{ ...DEFAULT_BEHAVIOUR, image: "missing", pullFails: true, pullUs: 1000 }] });
    const pull = host.begin({ kind: "pullImage", podUid: "u1", image: "app" });
    host.wait(499_999);
    expect(host.answerOf(pull)).toBeNull();
    host.wait(1);
    expect(host.state.images).toEqual(["app"]);
    const bad = host.begin({ kind: "pullImage", podUid: "u1", image: "missing" });
    host.wait(1000);
    expect(host.answerOf(bad)?.result).toMatchObject({ kind: "error", code: "notFound" });
  });
});

describe("names (containerd#4604)", () => {
  const stalls = { ...DEFAULT_BEHAVIOUR, image: "stalls", createStalls: 1 };

  test.each(["docker", "containerd", "rkt"] as const)(
    "%s: a creation that was given up gives its name back",
    (name) => {
      const host = new Host({ runtime: name, behaviours: [stalls] });
      const sandbox = host.sandbox();
      const first = host.begin(host.createRequest(sandbox, "stalls"));
      host.wait(120_000_000);
      expect(host.answerOf(first)).toBeNull();
      expect(host.ask(host.createRequest(sandbox, "stalls"))).toMatchObject({ kind: "error", code: "alreadyExists" });
      host.cancel(first);
      expect(host.ask(host.createRequest(sandbox, "stalls")).kind).toBe("container");
    },
  );

  test("and so does one whose caller has died, who knows nothing of it when it comes back", () => {
    const host = new Host({ runtime: "containerd", behaviours: [stalls] });
    const sandbox = host.sandbox();
    const first = host.begin(host.createRequest(sandbox, "stalls"));
    host.connect();
    expect(host.answerOf(first)).toBeNull();
    expect(host.ask(host.createRequest(sandbox, "stalls")).kind).toBe("container");
  });

  test("a name that a container has: docker replaces it unless it runs, containerd refuses", () => {
    for (const [name, kind] of [
      ["docker", "container"],
      ["containerd", "error"],
    ] as const) {
      const host = new Host({ runtime: name });
      const sandbox = host.sandbox();
      host.ask(host.createRequest(sandbox));
      expect(host.ask(host.createRequest(sandbox)).kind).toBe(kind);
      expect(host.state.containers).toHaveLength(1);
      const running = new Host({ runtime: name });
      const ready = running.sandbox();
      running.start(ready);
      expect(running.ask(running.createRequest(ready)).kind).toBe("error");
    }
  });
});

describe("restarts of daemon and host", () => {
  const cases: readonly (readonly [RuntimeName, boolean, "running" | "exited"])[] = [
    ["docker", false, "exited"],
    ["docker", true, "running"],
    ["containerd", false, "running"],
    ["rkt", false, "running"],
  ];

  test.each(cases)(
    "%s, live-restore %s: after a restart of the daemon its containers are %s",
    (name, liveRestore, state) => {
      const host = new Host({ runtime: name, liveRestore });
      const id = host.start(host.sandbox());
      host.wait(5_000_000);
      host.restart();
      expect(host.containerNow(id)?.state).toBe(state);
      expect(host.state.sandboxes[0]?.state).toBe(state === "running" ? "ready" : "notReady");
      expect(host.sent.at(-1)?.kind).toBe("criHello");
    },
  );

  test.each(cases)("%s, live-restore %s: nothing outlives the host", (name, liveRestore) => {
    const host = new Host({ runtime: name, liveRestore });
    const id = host.start(host.sandbox());
    host.restart(2);
    expect(host.containerNow(id)).toMatchObject({ state: "exited", exitCode: name === "rkt" ? 254 : 255 });
    expect(host.state.sandboxes[0]).toMatchObject({ state: "notReady", ip: "" });
    host.restart(2);
    expect(host.containerNow(id)?.finishedAt).toBe(1_000_000);
  });

  test("what ends while the daemon is down is found ended, at its time", () => {
    const host = new Host({ runtime: "containerd", behaviours: [CRASHES] });
    const id = host.start(host.sandbox(), "crashes");
    host.timerAt = null;
    host.wait(10_000_000);
    host.restart();
    expect(host.containerNow(id)).toMatchObject({ state: "exited", exitCode: 3, finishedAt: 3_000_000 });
  });

  test("a stop that the daemon has not survived kills nobody, but a program that obeys SIGTERM ends", () => {
    const host = new Host({ runtime: "containerd", behaviours: [STUBBORN] });
    const sandbox = host.sandbox();
    const [stubborn, obeys] = [host.start(sandbox, "stubborn"), host.start(sandbox, "app", 1)];
    for (const containerId of [stubborn, obeys])
      host.begin({ kind: "stopContainer", podUid: "u1", containerId, graceUs: 1_000_000 });
    host.timerAt = null;
    host.wait(10_000_000);
    host.restart();
    expect([stubborn, obeys].map((id) => host.containerNow(id)?.state)).toEqual(["running", "exited"]);
  });

  test("no id is made twice, not over restarts either", () => {
    const host = new Host({ runtime: "containerd" });
    const ids = [host.sandbox("a")];
    host.wait(1);
    host.restart();
    ids.push(host.sandbox("b"));
    host.wait(1);
    host.restart(2);
    ids.push(host.sandbox("c"));
    expect(new Set(ids).size).toBe(3);
  });
});

describe("the list and the versions", () => {
  test("a list is told only when something has changed since", () => {
    const host = new Host();
    host.sandbox();
    const list = host.begin({ kind: "list", sinceVersion: -1 });
    const { result, version } = host.answerOf(list)!;
    expect(result).toMatchObject({ kind: "list", runtime: "docker", restartUnit: "container" });
    expect(host.ask({ kind: "list", sinceVersion: version }).kind).toBe("unchanged");
    host.sandbox("u2");
    expect(host.ask({ kind: "list", sinceVersion: version }).kind).toBe("list");
  });

  test("each change is one version, told once, in answer or event", () => {
    const host = new Host({ behaviours: [CRASHES] });
    host.start(host.sandbox(), "crashes");
    host.wait(5_000_000);
    const versions = host.sent.flatMap((message) =>
      message.kind === "criEvent" || (message.kind === "criAnswer" && message.pod !== null) ? [message.version] : [],
    );
    expect(versions).toEqual([1, 2, 3, 4]);
  });
});

test("probes: before the start, before readiness, after, hanging", () => {
  const slow = {
    ...DEFAULT_BEHAVIOUR,
    image: "slow",
    startsAfterUs: 1_000_000,
    readyAfterUs: 2_000_000,
    hangsAfterUs: 3_000_000,
  };
  const host = new Host({ behaviours: [slow] });
  const containerId = host.start(host.sandbox(), "slow");
  const seen: unknown[] = [];
  for (let i = 0; i < 4; i++) {
    for (const probe of ["startup", "liveness", "readiness"] as const) {
      const answer = host.answerOf(host.begin({ kind: "probe", podUid: "u1", containerId, probe }));
      seen.push(answer === null ? "no answer" : (answer.result as { success: boolean }).success);
    }
    host.wait(1_000_000);
  }
  const no = "no answer";
  expect(seen).toEqual([false, false, false, true, true, false, true, true, true, no, no, no]);
});

test("only rkt restarts whole pods", () => {
  const unit = (name: RuntimeName) => pluginOf({ ...CONFIG, runtime: name }).restartUnit;
  expect(["docker", "containerd", "rkt"].map((name) => unit(name as RuntimeName))).toEqual([
    "container",
    "container",
    "pod",
  ]);
});

test("keeps the contract of a machine", () => {
  const host = new Host({ behaviours: [CRASHES, STUBBORN] });
  const sandbox = host.sandbox();
  host.begin({ kind: "pullImage", podUid: "u1", image: "app" });
  const first = host.start(sandbox, "crashes");
  host.wait(3_000_000);
  const second = host.start(sandbox, "stubborn", 1);
  host.ask({ kind: "removeContainer", podUid: "u1", containerId: first });
  host.begin({ kind: "stopContainer", podUid: "u1", containerId: second, graceUs: 1_000_000 });
  host.wait(2_000_000);
  host.ask({ kind: "stopPodSandbox", podUid: "u1", sandboxId: sandbox });
  host.ask({ kind: "removePodSandbox", podUid: "u1", sandboxId: sandbox });
  const clock = { now: 1_000_000, wall: 1_000_000 };
  expect(
    contractBreach(runtime, { durable: runtime.disk.empty, config: host.config, clock, inputs: host.inputs }),
  ).toBeNull();
});
