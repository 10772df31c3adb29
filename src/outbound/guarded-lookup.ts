import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { type ErrorCode, TourniquetError } from "../errors.ts";
import { isInwardAddress, isLoopbackAddress } from "./address.ts";

type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  answer: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * The name is judged when the socket is made, not before: what it resolves to can change between a check and a call
 * (DNS rebinding). "localhost" is held to this machine just so, since it is the one name called without TLS.
 */
export function guardedLookup(
  rule: { isLoopback: boolean; allowPrivateHosts: boolean; code: ErrorCode },
  resolve: Resolve = lookup,
): LookupFunction {
  const isRefused = (address: string): boolean =>
    rule.isLoopback ? !isLoopbackAddress(address) : !rule.allowPrivateHosts && isInwardAddress(address);
  return (host, options, answer) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return answer(error, "", 0);
      const refused = addresses.find(({ address }) => isRefused(address));
      if (refused) return answer(refusal(rule.code, host, refused.address), "", 0);
      if (options.all) return answer(null, addresses);
      answer(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}

function refusal(code: ErrorCode, host: string, address: string): TourniquetError {
  return new TourniquetError(
    code,
    `the name ${host} resolves to ${address}, which it must not: mend its DNS, or allow private hosts if it is in your own network`,
    { host, address },
  );
}
