import { type Input, type MachineTypes, ModelBug } from "../../kernel/index.ts";
import type { ApiMessage, ApiRequest, ResourceName } from "../api.ts";
import type { KubeObject } from "../kinds/index.ts";
import type { Turn } from "../turn.ts";
import type { ApiConfig, ApiState, IndexName, News, Tag } from "./types.ts";

/** The one timer that a client of the API uses, whatever it waits for. */
export const API_TIMER = "api";

/** The types of a component that talks with API servers; its messages may be of other kinds as well. */
export interface ApiClientTypes extends MachineTypes {
  readonly message: ApiMessage | { readonly kind: string };
}

/** A read-only view of an informer's cache, in the order of the keys. */
export interface View<O extends KubeObject = KubeObject> {
  readonly synced: boolean;
  get(namespace: string, name: string): O | null;
  byKey(key: string): O | null;
  /** All of them; in a namespace, where one is named. */
  list(namespace?: string): readonly O[];
  byIndex(index: IndexName, value: string): readonly O[];
}

/**
 * A component's side of the API for one step: calls, and informers that list and watch. Made at the start of a step from
 * the state that the component keeps, and thrown away at its end, when `state` is what to keep.
 */
export class Api<T extends ApiClientTypes = ApiClientTypes> {
  readonly config: ApiConfig;
  state: ApiState;

  constructor(config: ApiConfig, state: ApiState, turn: Turn<T>) {
    this.config = config;
    this.state = state;
    void turn;
  }

  /** The state at boot. Informers are idle until {@link start}. */
  static boot(config: ApiConfig, now: number): ApiState {
    void config;
    void now;
    throw new ModelBug("not yet");
  }

  /** Starts the informers. */
  start(): void {
    throw new ModelBug("not yet");
  }

  /** Makes a call. Its answer comes back with the tag in the {@link News} of a later input, exactly once. */
  call(request: ApiRequest, tag: Tag): void {
    void request;
    void tag;
    throw new ModelBug("not yet");
  }

  /** Takes an input if it is the client's: messages of the API, and {@link API_TIMER}. Null: it is somebody else's. */
  take(input: Input<T>): News | null {
    void input;
    throw new ModelBug("not yet");
  }

  /** The cache of the informer of a resource. Throws ModelBug where the config has none. */
  view<O extends KubeObject>(resource: ResourceName): View<O> {
    void resource;
    throw new ModelBug("not yet");
  }

  /** All informers have completed their first list. */
  get synced(): boolean {
    throw new ModelBug("not yet");
  }
}
