import type { AccessView } from "../../incident/access.ts";
import { cut } from "../../incident/well-formed.ts";
import type { Rule } from "./rule.ts";

const DAY_MS = 86_400_000;
/** A trait that nobody objected to for so long is the agent's own from then on. Until then it teaches nothing. */
const PROBATION_MS = DAY_MS;
/** An hour of the day comes once a day: fewer days than these say nothing about which hours are usual. */
export const FOUNDING_DAYS = 3;

/**
 * D7: an agent authenticates from an address, with a program or at an hour of the day (UTC) that its authentications so far
 * did not show. One such trait is a warning, when it is seen first; two in one authentication are critical, also where one of
 * them was warned about less than a day ago: whoever took an agent over rarely changes only one.
 */
export const unfamiliarAccess: Rule<AccessView> = {
  name: "unfamiliar-access",
  version: 1,
  signal: "identity-compromise",
  find(access, { identityCompromise: { minimumSamples } }) {
    const unfamiliar = traitsOf(access).filter(({ first, isJudged }) => isJudged && isUnfamiliar(access, first));
    const isNew = unfamiliar.some(({ first }) => first === access.at);
    if (unfamiliar.length === 0 || (unfamiliar.length === 1 && !isNew)) return null;
    return {
      severity: unfamiliar.length > 1 ? "critical" : "warning",
      sentence: `authenticated ${unfamiliar.map(({ sentence }) => sentence).join(", ")}, unlike before`,
      suspectPayee: null,
      thresholds: { minimumSamples, critical: 2 },
      observed: Object.fromEntries(unfamiliar.map(({ name, value }) => [name, value])),
      baseline: { kind: "first-seen", samples: access.known },
      entries: [access],
    };
  },
};

/** A user agent without its versions: a program that was updated is no other program. "sdk/1.4.0 node/24" is "sdk node". */
export function programOf(userAgent: string): string {
  return userAgent.replace(/\/v?\d[\w.+-]*/gi, "").trim();
}

interface Trait {
  name: string;
  value: string | number;
  sentence: string;
  first: number;
  /** Whether enough is known to call one of this kind unfamiliar. */
  isJudged: boolean;
}

function traitsOf({ at, address, userAgent, firstSeen, foundedAt, foundedDay }: AccessView): readonly Trait[] {
  const isJudged = foundedAt !== null && at > foundedAt;
  const isAfterFounding = (first: number) => isJudged && first > foundedAt;
  const hour = new Date(at).getUTCHours();
  const isHourJudged = foundedDay !== null && dayOf(firstSeen.hour) > foundedDay;
  return [
    { name: "address", value: address ?? "", sentence: `from ${address}`, first: firstSeen.address },
    {
      name: "userAgent",
      value: cut(userAgent ?? "", 100),
      sentence: "with another program",
      first: firstSeen.userAgent,
    },
    { name: "hourUtc", value: hour, sentence: `at ${hour} h UTC`, first: isHourJudged ? firstSeen.hour : null },
  ].flatMap(({ first, ...trait }) => (first === null ? [] : [{ ...trait, first, isJudged: isAfterFounding(first) }]));
}

function isUnfamiliar({ at, stoodDownAt }: AccessView, first: number): boolean {
  // A person who called an alarm false has seen what was new until then.
  if (stoodDownAt !== null && first <= stoodDownAt) return false;
  return at - first < PROBATION_MS;
}

const dayOf = (ms: number): number => Math.floor(ms / DAY_MS);
