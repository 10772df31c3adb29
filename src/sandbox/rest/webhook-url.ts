import { Problem } from "../problem.ts";

/**
 * The real gateway takes https only and refuses loopback, private and reserved addresses. Here plain http to this very
 * machine is let through as well, because that is where a drill's receiver listens.
 */
export function refuseUrl(text: string): void {
  const url = URL.parse(text);
  const isLoopback = url !== null && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url?.protocol === "https:" && !isPrivate(url.hostname)) return;
  if (isLoopback && (url.protocol === "http:" || url.protocol === "https:")) return;
  throw new Problem(400, "validation-error", "Webhook URL must be https and must not point to a private address");
}

function isPrivate(host: string): boolean {
  return (
    /^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|0\.|\[f[cde])/i.test(host) ||
    host === "metadata.google.internal"
  );
}
