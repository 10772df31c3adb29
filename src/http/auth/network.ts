import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/** Express finds out `ip` through the proxies that TRUSTED_PROXIES names, and never further. */
export type Asking = IncomingMessage & { ip?: string | undefined };

/** Who asks, as every limit per address counts. */
export const networkAsking = (req: Asking): string => networkOf(req.ip ?? req.socket.remoteAddress ?? "");

/**
 * Whom a limit per address is about: an IPv4 address, or the /64 that one customer of IPv6 has to change addresses in. A port is left
 * out: some gateways write one into X-Forwarded-For, a new one for each connection. All that is no address counts as one.
 */
export function networkOf(said: string): string {
  const address = withoutPort(said.trim());
  if (isIP(address) === 4 || address === "::1") return address;
  const groups = isIP(address) === 6 ? groupsOf(address) : undefined;
  if (groups === undefined) return "unknown";
  return isMapped(groups) ? v4Of(groups) : groups.slice(0, 4).join(":");
}

/** 192.0.2.1:443 and [2001:db8::1]:443; an address of IPv6 without brackets has none. */
function withoutPort(text: string): string {
  const [, v6, v4] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  return v6 ?? v4 ?? text;
}

/** All eight, as the URL standard writes them: the same address is the same text. Undefined: it has a zone, and is of no network. */
function groupsOf(address: string): string[] | undefined {
  const written = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1);
  if (written === undefined) return undefined;
  const [head = [], tail = []] = written.split("::").map((part) => part.split(":").filter((group) => group !== ""));
  return [...head, ...Array<string>(8 - head.length - tail.length).fill("0"), ...tail];
}

const isMapped = (groups: readonly string[]) => groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff";

function v4Of(groups: readonly string[]): string {
  return groups
    .slice(6)
    .map((group) => Number.parseInt(group, 16))
    .flatMap((pair) => [pair >> 8, pair & 255])
    .join(".");
}
