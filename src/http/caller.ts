import type { Response } from "express";
import { TourniquetError } from "../errors.ts";
import type { Role } from "../incident/credentials.ts";

/** Who asks, as `Auth.require` found out before anything else was looked at. */
export interface Caller {
  role: Role;
  /** The person, where the credential is theirs alone; null: a token of the environment, which many may hold. */
  name: string | null;
  credential: {
    kind: "environment" | "token" | "session";
    /** Which one, in words that may be shown and kept: the variable's name, the token's id, the session's short id. */
    id: string;
  };
}

/** Of a request that `Auth.require` let in; throws where nobody asked it. */
export function callerOf(res: Response): Caller {
  const { caller } = res.locals as { caller?: Caller };
  if (caller === undefined) throw new Error("callerOf: no Auth.require stands before this handler");
  return caller;
}

/**
 * Who orders it, for the record: the person whose credential it is, else who was said. Throws input-invalid where another
 * name was said than the credential's, and leaves it to the body's schema to refuse a name that nobody said.
 */
export function byOf({ name }: Caller, said?: string): string | undefined {
  if (name === null) return said;
  if (said === undefined || said.trim() === name) return name;
  const problem = `must be ${name} or left out: the token belongs to ${name}, and "${said}" needs another`;
  throw new TourniquetError("input-invalid", `Whose order it is does not fit the token: by ${problem}.`, {
    mistakes: [{ field: "by", problem }],
  });
}
