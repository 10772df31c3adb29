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
