import * as Schema from "effect/Schema";
import { portRange } from "../../../models/apiserver/allocation/index.ts";
import { cidrFlaws } from "../../../models/machinery/net/index.ts";
import { defaulting, whole, within } from "../../harness/schema.ts";
import { raftConfigFields } from "../shared/raft-config.ts";

/** A duration that may be zero, and one that may not; milliseconds. */
const ms = (value: number) => defaulting(within(0, 86_400_000), value);
const some = (value: number) => defaulting(within(0.001, 86_400_000), value);

/** The members of the store. Their fields are those of the store suite; the pace is etcd's. */
const store = {
  ...raftConfigFields,
  inflightAppendsMax: defaulting(whole(1, 1024), 512),
  entriesPerAppendMax: defaulting(whole(1, 10_000), 256),
  snapshotEntries: defaulting(whole(0, 1_000_000), 10_000),
  snapshotCatchUpEntries: defaulting(whole(0, 1_000_000), 5000),
} as const;

const isCidr = Schema.makeFilter((text: string) => {
  const flaws = cidrFlaws(text);
  return flaws.length === 0 ? undefined : flaws.join("; ");
});
const isPortRange = Schema.makeFilter((text: string) => {
  return portRange(text) === null ? "must be a range of ports, as 30000-32767" : undefined;
});

/** API servers; the fields are those of ApiServerConfig. */
const apiServer = {
  requestTimeoutMs: some(60_000),
  storeTimeoutMs: some(10_000),
  storeBackoffMs: some(25),
  storeSilenceMs: some(30_000),
  storeProbeMs: some(10_000),
  readsInFlightMax: defaulting(whole(1, 1_000_000), 400),
  writesInFlightMax: defaulting(whole(1, 1_000_000), 200),
  ringEventsMin: defaulting(whole(1, 1_000_000), 100),
  ringEventsMax: defaulting(whole(1, 1_000_000), 102_400),
  historyMs: some(75_000),
  bookmarkIntervalMs: some(60_000),
  bookmarkBeforeEndMs: some(2000),
  freshWaitMs: some(3000),
  progressIntervalMs: some(100),
  compactionIntervalMs: ms(300_000),
  serviceClusterIPRange: defaulting(Schema.String.check(isCidr), "10.96.0.0/24"),
  serviceNodePortRange: defaulting(Schema.String.check(isPortRange), "30000-32767"),
  repairIntervalMs: some(180_000),
} as const;

/** What every client of the API does alike; the fields are those of ApiConfig. */
const client = {
  requestTimeoutMs: some(30_000),
  pingAfterMs: some(30_000),
  pingTimeoutMs: some(15_000),
  backoffMs: some(800),
  backoffMaxMs: some(30_000),
  watchTimeoutMs: some(300_000),
} as const;

/** How controller managers and schedulers elect who acts; the fields are those of ElectionConfig. */
const election = {
  leaseDurationMs: some(15_000),
  renewDeadlineMs: some(10_000),
  retryPeriodMs: some(2000),
} as const;

/** Schedulers; the fields are those of SchedulerConfig. */
const scheduler = {
  attemptMinMs: some(0.5),
  attemptMaxMs: some(5),
  podInitialBackoffMs: some(1000),
  podMaxBackoffMs: some(10_000),
  unschedulableFlushMs: some(300_000),
  flushEveryMs: some(30_000),
  bindTimeoutMs: some(600_000),
} as const;

/** Kubelets; the fields are those of KubeletConfig. */
const kubelet = {
  leaseDurationSeconds: defaulting(whole(1, 100_000), 40),
  leaseRenewMs: some(10_000),
  nodeStatusUpdateMs: some(10_000),
  nodeStatusReportMs: some(300_000),
  syncFrequencyMs: some(60_000),
  housekeepingMs: some(2000),
  statusSyncMs: some(10_000),
  relistMs: some(300_000),
  runtimeRequestTimeoutMs: some(120_000),
  runtimeDownMs: some(30_000),
  backoffMs: some(10_000),
  backoffMaxMs: some(300_000),
  imageBackoffMs: some(10_000),
  imageBackoffMaxMs: some(300_000),
  syncBackoffMs: some(10_000),
  evictionMs: some(10_000),
  evictionMemoryMi: defaulting(whole(0, 1_000_000), 100),
  pressureTransitionMs: some(300_000),
  systemMemoryMi: defaulting(whole(0, 1_000_000), 500),
} as const;

const runtime = { sandboxMs: ms(150), createMs: ms(0), startMs: ms(0) } as const;

const kubectl = {
  sessions: defaulting(whole(1, 100), 4),
  retryMs: some(1000),
  attemptsMax: defaulting(whole(1, 1_000_000), 300),
  evictionRetryMs: some(5000),
  drainPollMs: some(1000),
} as const;

/** Settings of controllers beside their defaults: by controller, then by setting, as its `defaults` has it (microseconds). */
const Settings = Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Unknown));

/** How the parts of a cluster are configured; what is left out is as in the real one. */
export const ConfigSchema = Schema.Struct({
  store: defaulting(Schema.Struct(store), {}),
  apiServer: defaulting(Schema.Struct(apiServer), {}),
  client: defaulting(Schema.Struct(client), {}),
  election: defaulting(Schema.Struct(election), {}),
  controllers: defaulting(Settings, {}),
  scheduler: defaulting(Schema.Struct(scheduler), {}),
  kubelet: defaulting(Schema.Struct(kubelet), {}),
  runtime: defaulting(Schema.Struct(runtime), {}),
  kubectl: defaulting(Schema.Struct(kubectl), {}),
});

export type ConfigSpec = typeof ConfigSchema.Type;

const MICROS_A_MS = 1000;

/** The fields of a part of the configuration as its machine wants them: `…Ms` become `…Us`. */
export function inMicros<T extends Readonly<Record<string, unknown>>>(part: T): InMicros<T> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(part))
    if (key.endsWith("Ms")) result[`${key.slice(0, -2)}Us`] = Math.round((value as number) * MICROS_A_MS);
    else result[key] = value;
  return result as InMicros<T>;
}

export type InMicros<T> = { readonly [K in keyof T as K extends `${infer Name}Ms` ? `${Name}Us` : K]: T[K] };
