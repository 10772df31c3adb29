import type { Tracing } from "../incident/tracing.ts";
import { createHttp } from "../outbound/http.ts";
import { parseAddress } from "./origin.ts";
import { type TimedHttp, timed } from "./timed.ts";

export interface HttpSettings {
  /** GREENHELIX_BASE_URL, with or without a trailing /v1. */
  baseUrl: string;
  /** Requests under way at once; 312 escrows are cancelled this many at a time. Default 64. */
  connections?: number;
  /** The whole call, where the caller does not say. Default 5,000 (guarantees.md section 7). */
  deadlineMs?: number;
  /** Default 2,000. */
  connectTimeoutMs?: number;
  /** Default 1 MiB. */
  maxResponseBytes?: number;
  tracing?: Tracing;
  /** A gateway of one's own behind a private address; off by default (DNS rebinding). */
  allowPrivateHosts?: boolean;
}

/** All traffic to the gateway. Throws gateway-misconfigured for a bad address. */
export function openGateway(settings: HttpSettings): TimedHttp {
  const { connections = 64, allowPrivateHosts = false } = settings;
  const address = parseAddress(settings.baseUrl, allowPrivateHosts);
  return timed(createHttp(address, { code: "gateway-misconfigured", allowPrivateHosts }, { ...settings, connections }));
}
