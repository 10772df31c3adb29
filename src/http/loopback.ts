import type { IncomingMessage } from "node:http";

export function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.");
}

const LOCAL_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Whether the request comes from a person at this machine. The address alone does not tell: a proxy here hands on the whole
 * world, and a page of some other site can make a browser here ask us by a name that resolves to loopback.
 */
export function isFromThisMachine(req: IncomingMessage): boolean {
  const isProxied = req.headers["x-forwarded-for"] !== undefined || req.headers.forwarded !== undefined;
  return isLoopback(req.socket.remoteAddress ?? "") && !isProxied && LOCAL_HOST.test(req.headers.host ?? "");
}
