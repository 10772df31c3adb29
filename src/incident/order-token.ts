import { z } from "zod";
import { TourniquetError } from "../errors.ts";
import { type PersonalToken, type PersonalTokens, roles } from "./credentials.ts";
import type { Clock, Log } from "./ports.ts";
import { person } from "./who-and-why.ts";

export interface OrderTokenPorts {
  personalTokens: Pick<PersonalTokens, "create" | "revoke">;
  clock: Pick<Clock, "now">;
  log: Log;
}

/** What a personal token is ordered with, over HTTP as on the command line. */
export const tokenOrder = z.strictObject({
  by: person.by,
  name: person.by.meta({ description: "whose it is: a person, or one program" }),
  role: z.enum(roles, `must be one of ${roles.join(", ")}`),
  expiresAt: z.iso
    .datetime({ offset: true, error: "must be a time with its zone, such as 2027-01-31T00:00:00Z" })
    .optional()
    .meta({ description: "left out: until it is revoked" }),
});

/** Answers the secret this one time. Throws input-invalid that names every field that is wrong; what is past is judged by Redis's time. */
export async function orderToken(
  { personalTokens, clock, log }: OrderTokenPorts,
  said: unknown,
): Promise<{ token: PersonalToken; secret: string }> {
  const { data, error } = tokenOrder.safeParse(said);
  if (!data)
    throw invalid(error.issues.map(({ path, message }) => ({ field: path.join(".") || "body", problem: message })));
  const { by, name, role } = data;
  const expiresAt = data.expiresAt === undefined ? null : Date.parse(data.expiresAt);
  if (expiresAt !== null && expiresAt <= (await clock.now()))
    throw invalid([{ field: "expiresAt", problem: "must be in the future" }]);
  const made = await personalTokens.create({ name, role, createdBy: by, expiresAt });
  log.info({ token: made.token.id, name, role, by, expiresAt }, "token.created");
  return made;
}

/** Throws not-found. */
export async function revokeToken(
  { personalTokens, log }: OrderTokenPorts,
  id: string,
  by: string,
): Promise<PersonalToken> {
  const revoked = await personalTokens.revoke(id);
  if (revoked === null) throw new TourniquetError("not-found", `There is no token ${id}.`);
  log.info({ token: id, name: revoked.name, role: revoked.role, by }, "token.revoked");
  return revoked;
}

function invalid(mistakes: readonly { field: string; problem: string }[]): TourniquetError {
  const named = mistakes.map(({ field, problem }) => `${field} ${problem}`).join("; ");
  return new TourniquetError("input-invalid", `The token was not made: ${named}.`, { mistakes });
}

/** As API and CLI show it: times as ISO 8601 text, and never the secret. now: Redis time. */
export function presentToken({ createdAt, expiresAt, ...token }: PersonalToken, now: number) {
  return {
    ...token,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    isExpired: expiresAt !== null && expiresAt <= now,
  };
}
