import { createHmac, hash, timingSafeEqual } from "node:crypto";
import { type Role, roles } from "../../incident/credentials.ts";

/** Tokens of the environment: each role has one or none, and whoever holds it has the role. */
export interface Tokens {
  /** Left out where nobody asks breakers. */
  agent?: string | undefined;
  viewer: string | undefined;
  responder: string | undefined;
  admin: string | undefined;
}

export const variableOf = {
  agent: "AGENT_TOKEN",
  viewer: "VIEWER_TOKEN",
  responder: "RESPONDER_TOKEN",
  admin: "ADMIN_TOKEN",
} as const satisfies Record<Role, string>;

export interface EnvironmentToken {
  role: Role;
  /** The variable's name. */
  id: string;
  /** What only this token makes of a session's secret: the session says it, and ends when the token is changed. */
  proofOf(secret: string): string;
}

export interface EnvironmentTokens {
  readonly roles: readonly Role[];
  find(token: string): EnvironmentToken | undefined;
  /** Whether the token that stands in this variable now made this proof. */
  proves(id: string, secret: string, proof: string): boolean;
}

export function environmentTokens(tokens: Tokens): EnvironmentTokens {
  const known = roles.flatMap((role) => {
    const token = tokens[role];
    if (token === undefined) return [];
    const proofOf = (secret: string) => createHmac("sha256", token).update(`session ${secret}`).digest("hex");
    return [{ role, id: variableOf[role], digest: digest(token), proofOf }];
  });
  return {
    roles: known.map(({ role }) => role),
    find(token) {
      const claimed = digest(token);
      // Compares with every one: the time taken must not tell which was close.
      return known.filter((one) => timingSafeEqual(one.digest, claimed))[0];
    },
    proves(id, secret, proof) {
      const own = known.find((one) => one.id === id);
      return own !== undefined && timingSafeEqual(digest(own.proofOf(secret)), digest(proof));
    },
  };
}

/** Equal lengths are what a constant-time comparison needs. */
const digest = (text: string): Buffer => hash("sha256", text, "buffer");
