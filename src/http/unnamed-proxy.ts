import type { Express, RequestHandler } from "express";
import type { Mistake } from "../detect/events/mistake.ts";
import type { Log } from "../incident/ports.ts";
import { isInwardAddress } from "../outbound/address.ts";

/**
 * A proxy in front that TRUSTED_PROXIES does not name: everybody shares its address then, in the limit of logins and of bad
 * signatures, and the cookie of a login lacks `Secure`. From inside the own network alone: what comes from outside may say
 * that it was forwarded, and no proxy of ours is there. Known to this process since it began; the log has the address.
 */
export function noteUnnamedProxy(app: Express, log: Log): { note: RequestHandler; warnings(): readonly Mistake[] } {
  const isNamed = app.get("trust proxy fn") as (address: string, hop: number) => boolean;
  let seen = false;
  return {
    note(req, _res, next) {
      const address = req.socket.remoteAddress ?? "";
      if (!seen && req.headers["x-forwarded-for"] !== undefined && isInwardAddress(address) && !isNamed(address, 0)) {
        seen = true;
        log.warn({ address }, "proxy.not-named");
      }
      next();
    },
    warnings: () => (seen ? [{ field: "TRUSTED_PROXIES", problem: notNamed }] : []),
  };
}

const notNamed =
  "does not name a proxy that requests came through (the log has its address: proxy.not-named). If it is yours, name it: until then all who come through it are one address, and logins lack Secure";
