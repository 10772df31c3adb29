import { BlockList, isIP } from "node:net";
import { TourniquetError } from "../errors.ts";

/** Where the gateway is: `prefix` is what stands before every /v1 (usually nothing). */
export interface GatewayAddress {
  origin: string;
  prefix: string;
  isLoopback: boolean;
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** What a public name must not lead to: this machine, the local network, carrier NAT, cloud metadata (guarantees.md section 7). */
const inward = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const) {
  inward.addSubnet(network, bits, "ipv4");
}
for (const [network, bits] of [
  ["::", 127],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const) {
  inward.addSubnet(network, bits, "ipv6");
}

export function isLoopbackAddress(address: string): boolean {
  return isIP(address) !== 0 && loopback.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** Mapped v4 addresses (::ffff:10.0.0.1) are judged as the v4 address they carry. */
export function isInwardAddress(address: string): boolean {
  return isIP(address) !== 0 && inward.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/**
 * Reads GREENHELIX_BASE_URL. A trailing /v1 is dropped: the seeds' default has one, and every path here brings its own.
 * Throws gateway-misconfigured, naming the mend; the address itself is not repeated, it may hold a password.
 */
export function parseAddress(baseUrl: string, allowPrivateHosts = false): GatewayAddress {
  const url = URL.parse(baseUrl.trim());
  if (!url || !["http:", "https:"].includes(url.protocol))
    throw wrong("is not an http(s) address; write https://<host>");
  if (url.username || url.password) throw wrong("holds a user name or password; the API key has its own setting");
  if (url.search || url.hash) throw wrong("holds a query or a fragment; keep scheme, host and path only");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isLoopback = host === "localhost" || isLoopbackAddress(host);
  if (url.protocol === "http:" && !isLoopback) {
    throw wrong(`asks for plain http to ${host}; only a loopback host may be called without TLS, write https://`);
  }
  if (!isLoopback && !allowPrivateHosts && isInwardAddress(host)) {
    throw wrong(`names the private address ${host}; a self-hosted gateway must be allowed by name`);
  }
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, "").replace(/\/v1$/, ""), isLoopback };
}

function wrong(what: string): TourniquetError {
  return new TourniquetError("gateway-misconfigured", `GREENHELIX_BASE_URL ${what}`);
}
