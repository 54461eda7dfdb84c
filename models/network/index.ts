export { TRAFFIC_CLIENT_DEFAULTS, trafficClient } from "./client.ts";
export { answerOf, type DnsView, searchNames } from "./dns.ts";
export { DNS_INFORMERS, dnsServer } from "./dns-server.ts";
export { DNS_NOTES, TRAFFIC_CLIENT_NOTES } from "./notes.ts";
export { type Holder, holdersOf, type NetworkNode, nodeFor, overlap, podAt } from "./reachability.ts";
export type * from "./types.ts";
