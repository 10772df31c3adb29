import type { Environment } from "../../config.ts";
import { TourniquetError } from "../../errors.ts";
import { announcedStart, type Running } from "../running.ts";

/**
 * The `npm start` of this folder that this one stays beside without taking its place; null where there is none. Only what ends by
 * itself and shares nothing with it may: of two that stay, nobody would know which the commands of the folder talk to, and two
 * on one Redis or gateway would take each other's work. Throws `conflict` for those.
 */
export async function besideWhom(start: { once: boolean; real: boolean }, own: Environment): Promise<Running | null> {
  const other = await announcedStart();
  if (other === null) return null;
  const where = `an npm start runs in this folder already (${named(other)}), and the commands here talk to it`;
  const shared = start.real ? "the gateway" : own.REDIS_URL === other.environment.REDIS_URL ? "REDIS_URL" : null;
  if (start.once && shared === null) return other;
  const mend = "use that one, or end it with Ctrl-C first";
  const why = start.once ? `both would work on ${shared}: ${mend}` : `${mend}; npm start -- --once plays beside it`;
  throw new TourniquetError("conflict", `${where}; ${why}`);
}

export function named({ pid, apiUrl }: Running): string {
  return `process ${pid}, ${apiUrl}`;
}
