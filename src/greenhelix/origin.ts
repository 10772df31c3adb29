import { type Address, readAddress } from "../outbound/address.ts";

/**
 * Reads GREENHELIX_BASE_URL. A trailing /v1 is dropped: the seeds' default has one, and every path here brings its own.
 * Throws gateway-misconfigured, naming the mend.
 */
export function parseAddress(baseUrl: string, allowPrivateHosts = false): Address {
  const rule = { setting: "GREENHELIX_BASE_URL", code: "gateway-misconfigured", allowPrivateHosts } as const;
  const address = readAddress(baseUrl, rule);
  return { ...address, prefix: address.prefix.replace(/\/v1$/, "") };
}
