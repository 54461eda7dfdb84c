import { describe, expect, test } from "vitest";
import type { ApiClientMessage, ApiMessage, ApiResponse, WatchEvent } from "../api.ts";
import type { KubeObject, Pod } from "../kinds/index.ts";
import {
  objectResponse,
  serviceUnavailable,
  statusResponse,
  tooLargeResourceVersion,
  tooOldResourceVersion,
} from "../status.ts";
import { apiConfig, Component, PODS } from "../testing/component.ts";
import { getRequest } from "./requests.ts";

function pod(name: string, version: number, node = ""): Pod {
  const metadata = { name, namespace: "a", uid: name, resourceVersion: String(version) };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec: { containers: [], ...(node === "" ? {} : { nodeName: node }) },
  };
}

function listOf(resourceVersion: number, ...items: KubeObject[]): ApiResponse {
  return { kind: "list", items, resourceVersion: String(resourceVersion), continue: "", remainingItemCount: -1 };
}

/** A component with an informer of pods, and what it says in short. */
class Talk extends Component {
  #taken = 0;

  constructor(informers = [PODS]) {
    super(apiConfig("c", ["api-1", "api-2"], informers), 1_000_000);
  }

  said(): readonly string[] {
    const sent = this.sent.slice(this.#taken);
    this.#taken = this.sent.length;
    return sent.map(({ to, message }) => `${to} ${described(message as ApiClientMessage)}`);
  }

  last(): ApiClientMessage {
    return this.sent.at(-1)!.message as ApiClientMessage;
  }

  answer(response: ApiResponse, from = "api-1") {
    const asked = this.sent.findLast(({ message }) => message.kind === "apiCall")!.message;
    return this.receive(from, { kind: "apiAnswer", id: (asked as { id: string }).id, response })!;
  }

  get watchId(): string {
    return this.state.informers[0]!.watchId;
  }

  watching(from = "api-1"): void {
    this.receive(from, { kind: "apiPong", watchId: this.watchId, sequence: 0 });
  }

  events(sequence: number, ...events: WatchEvent[]) {
    return this.receive("api-1", { kind: "apiWatchEvents", watchId: this.watchId, sequence, events })!;
  }
}

function described(message: ApiClientMessage): string {
  switch (message.kind) {
    case "apiCall": {
      const { request } = message;
      return `${request.verb} ${request.resource}${request.verb === "list" ? ` rv=${request.resourceVersion}` : ""}`;
    }
    case "apiWatch":
      return `watch ${message.request.resource} rv=${message.request.resourceVersion}`;
    default:
      return message.kind;
  }
}

const short = (news: { events: readonly { type: string; key: string }[] }) =>
  news.events.map(({ type, key }) => `${type} ${key}`);

describe("an informer", () => {
  test("lists what the server has, watches from there, and hands on what changes", () => {
    const talk = new Talk();
    expect(talk.api().synced).toBe(false);
    talk.start();
    expect(talk.said()).toEqual(["api-1 list pods rv=0"]);
    expect(short(talk.answer(listOf(5, pod("x", 3), pod("y", 4))))).toEqual(["added a/x", "added a/y"]);
    expect(talk.said()).toEqual(["api-1 watch pods rv=5", "api-1 apiPing"]);
    expect(talk.api().synced).toBe(true);
    const news = talk.events(
      0,
      { type: "MODIFIED", object: pod("x", 6, "node-1") },
      { type: "DELETED", object: pod("y", 7) },
    );
    expect(short(news)).toEqual(["updated a/x", "deleted a/y"]);
    expect(news.events[0]!.old).toEqual(pod("x", 3));
    expect(talk.api().view("pods").byIndex("byNode", "node-1")).toEqual([pod("x", 6, "node-1")]);
    expect(talk.api().view("pods").list("a")).toHaveLength(1);
    expect(talk.api().view("pods").list("b")).toHaveLength(0);
    expect(talk.state.informers[0]!.resourceVersion).toBe("7");
  });

  test("asks the store first where its spec says so", () => {
    const talk = new Talk([{ ...PODS, firstList: "" }]);
    talk.start();
    expect(talk.said()).toEqual(["api-1 list pods rv="]);
  });

  test("a bookmark moves the version only", () => {
    const talk = started(5);
    const bookmark = { apiVersion: "v1", kind: "Pod", metadata: { name: "", resourceVersion: "9" } };
    expect(short(talk.events(0, { type: "BOOKMARK", object: bookmark }))).toEqual([]);
    expect(talk.state.informers[0]!.resourceVersion).toBe("9");
    expect(talk.cached()).toEqual(["a/x@3"]);
  });

  test("after 410 it lists again, from the version seen last, and what is missing is deleted", () => {
    const talk = started(5);
    end(talk, tooOldResourceVersion(5, 9));
    expect(talk.said()).toEqual([]);
    talk.fire();
    expect(talk.said()).toEqual(["api-1 list pods rv=5"]);
    expect(short(talk.answer(listOf(12, pod("z", 11))))).toEqual(["added a/z", "deleted a/x"]);
  });

  test("a version that the server does not have yet, or no longer, is asked for no more: the latest, at once", () => {
    for (const status of [tooLargeResourceVersion(5, 4), tooOldResourceVersion(5, 9)]) {
      const talk = started(5);
      end(talk, tooOldResourceVersion(5, 9));
      talk.fire();
      talk.said();
      talk.answer(statusResponse(status));
      expect(talk.said()).toEqual(["api-1 list pods rv="]);
      talk.answer(listOf(8, pod("x", 3)));
      expect(talk.said()).toEqual(["api-1 watch pods rv=8", "api-1 apiPing"]);
      expect(talk.state.informers[0]!.versionUnavailable).toBe(false);
    }
  });

  test("what is unchanged in a new list is no news, and stays the same object", () => {
    const talk = started(5);
    const before = talk.api().view("pods").byKey("a/x");
    end(talk, tooOldResourceVersion(5, 9));
    talk.fire();
    expect(talk.answer(listOf(12, structuredClone(pod("x", 3)))).events).toEqual([]);
    expect(talk.api().view("pods").byKey("a/x")).toBe(before);
  });

  test("a watch whose time is over goes on at once; one that was refused waits", () => {
    const talk = started(5);
    end(talk, null);
    expect(talk.said()).toEqual(["api-1 watch pods rv=5", "api-1 apiPing"]);
    end(talk, null);
    expect(talk.said()).toEqual([]);
    talk.fire();
    expect(talk.said()).toEqual(["api-1 list pods rv=5"]);
  });

  test("a gap in a watch breaks it, and it begins anew from what was seen", () => {
    const talk = started(5);
    talk.events(0, { type: "ADDED", object: pod("y", 6) });
    talk.events(2, { type: "ADDED", object: pod("z", 8) });
    expect(talk.said()).toEqual(["api-1 apiWatchStop", "api-1 watch pods rv=6", "api-1 apiPing"]);
    expect(talk.cached()).toEqual(["a/x@3", "a/y@6"]);
  });

  test("events that come twice, and those of a watch that it does not know, change nothing", () => {
    const talk = started(5);
    talk.events(0, { type: "ADDED", object: pod("y", 6) });
    expect(talk.events(0, { type: "ADDED", object: pod("y", 6) }).events).toEqual([]);
    const strange = { kind: "apiWatchEvents", watchId: "w", sequence: 0, events: [] } as const;
    expect(talk.receive("api-2", strange)!.events).toEqual([]);
    expect(talk.said()).toEqual(["api-2 apiWatchStop"]);
  });

  test("a silent server is asked for a sign of life after 30 s, and left after 15 more", () => {
    const talk = started(5);
    while (talk.said().length === 0) talk.fire();
    expect(talk.now).toBe(31_000_000);
    talk.fire();
    expect(talk.now).toBe(46_000_000);
    expect(talk.said()).toEqual(["api-1 apiWatchStop", "api-2 watch pods rv=5", "api-2 apiPing"]);
    talk.fire();
    expect(talk.said()).toEqual(["api-2 apiWatchStop"]);
    talk.fire();
    expect(talk.said()).toEqual(["api-1 watch pods rv=5", "api-1 apiPing"]);
  });

  test("an answer to the question keeps the watch, unless it tells of missed messages", () => {
    const talk = started(5);
    while (talk.said().length === 0) talk.fire();
    talk.watching();
    expect(talk.state.informers[0]!.phase).toBe("watching");
    talk.receive("api-1", { kind: "apiPong", watchId: talk.watchId, sequence: 1 });
    expect(talk.said()).toEqual(["api-1 apiWatchStop", "api-1 watch pods rv=5", "api-1 apiPing"]);
  });

  test("its backoff doubles, up to 30 s, and to twice of that by chance", () => {
    const talk = new Talk();
    talk.start();
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      talk.answer(statusResponse(serviceUnavailable("no")), `api-${(i % 2) + 1}`);
      const before = talk.now;
      while (talk.state.informers[0]!.phase !== "listing") talk.fire();
      waits.push((talk.now - before) / 1_000_000);
    }
    const least = [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30];
    for (const [i, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(least[i]!);
      expect(wait).toBeLessThanOrEqual(2 * least[i]!);
    }
  });

  test("hands on everything again where its spec says so", () => {
    const talk = new Talk([{ ...PODS, resyncUs: 10_000_000 }]);
    talk.start();
    talk.answer(listOf(5, pod("x", 3)));
    talk.watching();
    const types: string[] = [];
    while (talk.timerAt! < 22_000_000) {
      types.push(...short(talk.fire()!));
      talk.watching();
    }
    expect(types).toEqual(["resync a/x", "resync a/x"]);
  });
});

describe("calls", () => {
  const get = getRequest("pods", "a", "x");

  test("an answer comes once, with its tag", () => {
    const talk = new Talk([]);
    talk.call(get, { for: 1 });
    const answer = objectResponse(pod("x", 1));
    expect(talk.answer(answer).answers).toEqual([{ tag: { for: 1 }, request: get, response: answer }]);
    expect(talk.answer(answer).answers).toEqual([]);
    expect(talk.notes).toEqual(["client/call/late-answer-dropped"]);
  });

  test("one that is not answered in time has an unknown outcome; the next goes to the next server", () => {
    const talk = new Talk([]);
    talk.call(get, 1);
    talk.call(get, 2);
    expect(talk.fire()!.answers.map(({ tag, response }) => [tag, response])).toEqual([
      [1, null],
      [2, null],
    ]);
    expect(talk.now).toBe(31_000_000);
    expect(talk.answer(objectResponse(pod("x", 1))).answers).toEqual([]);
    talk.said();
    talk.call(get, 3);
    expect(talk.said()).toEqual(["api-2 get pods"]);
  });

  test("a server without a store is left; its answer is told", () => {
    const talk = new Talk([]);
    talk.call(get, 1);
    expect(talk.answer(statusResponse(serviceUnavailable("no"))).answers[0]!.response!.kind).toBe("status");
    talk.call(get, 2);
    expect(talk.said()).toEqual(["api-1 get pods", "api-2 get pods"]);
  });

  test("one timer is set, for what is due first", () => {
    const talk = new Talk([]);
    talk.call(get, 1);
    talk.now += 5_000_000;
    talk.call(get, 2);
    expect(talk.timerAt).toBe(31_000_000);
    expect(talk.fire()!.answers).toHaveLength(1);
    expect(talk.timerAt).toBe(36_000_000);
    talk.fire();
    expect(talk.timerAt).toBeNull();
  });

  test("what is not the client's is somebody else's", () => {
    const talk = new Talk([]);
    expect(talk.take({ kind: "timer", name: "other", now: 0, wall: 0 })).toBeNull();
    expect(talk.receive("x", { kind: "criAnswer" } as unknown as ApiMessage)).toBeNull();
  });
});

test("a client that stops closes its watches, and forgets what it has", () => {
  const talk = started(5);
  talk.call(getRequest("pods", "a", "x"), 1);
  talk.said();
  const ids = talk.state.ids;
  talk.stop();
  expect(talk.said()).toEqual(["api-1 apiWatchStop"]);
  expect([talk.timerAt, talk.cached(), talk.state.calls.size, talk.state.ids]).toEqual([null, [], 0, ids]);
  talk.start();
  expect(talk.said()).toEqual(["api-1 list pods rv=0"]);
});

/** One that watches from a version, and has the pod x. */
function started(version: number): Talk {
  const talk = new Talk();
  talk.start();
  talk.answer(listOf(version, pod("x", 3)));
  talk.watching();
  talk.said();
  return talk;
}

function end(talk: Talk, status: ReturnType<typeof tooOldResourceVersion> | null): void {
  talk.receive("api-1", { kind: "apiWatchEnd", watchId: talk.watchId, sequence: 0, status });
}
