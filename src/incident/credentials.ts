/** Least first (mission O6): agent asks its breaker and reports to it, viewer reads, responder changes, admin may do all. */
export const roles = ["agent", "viewer", "responder", "admin"] as const;
export type Role = (typeof roles)[number];

/** Who may do what needs a role: those above it too, except that to read is no right to report for an agent. */
const enough: Readonly<Record<Role, readonly Role[]>> = {
  agent: ["agent", "responder", "admin"],
  viewer: ["viewer", "responder", "admin"],
  responder: ["responder", "admin"],
  admin: ["admin"],
};

/** The roles that may do what asks for `needed`, or for one of them. */
export function rolesFor(needed: Role | readonly Role[]): readonly Role[] {
  return roles.filter((role) => [needed].flat().some((one) => enough[one].includes(role)));
}

/** A token that belongs to one person or program. Its secret is shown once, when it is made; kept is its SHA-256. Times in milliseconds. */
export interface PersonalToken {
  /** tok-<12 hex digits>: names it everywhere, and opens nothing. */
  id: string;
  name: string;
  role: Role;
  createdAt: number;
  createdBy: string;
  /** Null: until it is revoked. */
  expiresAt: number | null;
  /** The day (UTC, 2026-11-22) it last proved anything; null: never. */
  lastUsedOn: string | null;
}

export interface NewToken {
  name: string;
  role: Role;
  createdBy: string;
  expiresAt: number | null;
}

/** Personal tokens of the whole fleet. Throws redis-unavailable, redis-full. */
export interface PersonalTokens {
  /** `secret` is what its holder sends, tqt_ and 43 characters; it can never be had again. */
  create(token: NewToken): Promise<{ token: PersonalToken; secret: string }>;
  /** Whose this is; null: nobody's, or it was revoked. One round trip, which also notes the day. Nothing is cached: a revoked one is refused at once. */
  find(secret: string): Promise<PersonalToken | "expired" | null>;
  /** Oldest first, those that expired too. */
  list(): Promise<readonly PersonalToken[]>;
  /** Null where there is none of this id. Its sessions end in the same moment. */
  revoke(id: string): Promise<PersonalToken | null>;
  /** Whether there is any at all. */
  exist(): Promise<boolean>;
}

/** What a person logged in with; while it is not good any more, neither is the session. */
export type LoggedInWith =
  /** proof: what only the value of that variable makes of this session, so that changing the variable ends it. */
  | { kind: "environment"; id: string; proof: string }
  /** id: the token's. */
  | { kind: "token"; id: string };

/** A login in a browser (guarantees.md section 7). Times in milliseconds, by Redis. */
export interface Session {
  /** ses-<12 hex digits>: names it in logs, and opens nothing. */
  id: string;
  role: Role;
  name: string | null;
  with: LoggedInWith;
  /** How long ago it began, as of this answer. */
  ageMs: number;
  /** It ends then unless it is used, and at endsAt in any case. */
  idleUntil: number;
  endsAt: number;
}

/** Sessions of the whole fleet: any API process knows them. Throws redis-unavailable, redis-full. */
export interface Sessions {
  /** secret: what the browser keeps, 256 random bits in base64url; kept is its SHA-256. */
  begin(secret: string, session: Pick<Session, "role" | "name" | "with">): Promise<Session>;
  /** Null: there is none, or it ran out, or the personal token behind it is gone. This is use of it, and makes it last. */
  use(secret: string): Promise<Session | null>;
  end(secret: string): Promise<void>;
}

/** How often one address may try to log in, over all processes. */
export interface LoginLimit {
  /** Counts one try. 0: go on; else how many seconds to wait. */
  take(address: string): Promise<number>;
}
