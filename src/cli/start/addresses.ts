/** What came up, and where. `announced` is what other terminals may know of it. */
export interface Up {
  apiUrl: string;
  sandboxUrl: string | null;
  /** Null where the one of the environment is in force: what somebody keeps secret is not printed. */
  adminToken: string | null;
  redisUrl: string;
  announced: Record<string, string>;
}

/** What to open and what to try next. */
export function addressLines({ apiUrl, sandboxUrl, adminToken }: Up): string {
  const signIn = adminToken === null ? "" : `?token=${adminToken}`;
  const lines = [
    "Open",
    `  incidents    ${apiUrl}/api/incidents${signIn}`,
    `  queues       ${apiUrl}/admin/queues${signIn}`,
    `  metrics      ${apiUrl}/metrics`,
    ...(adminToken === null ? ["  (the first two ask for your ADMIN_TOKEN: as password, any name)"] : []),
    ...(sandboxUrl ? [`  the gateway  ${sandboxUrl}/_sandbox/state`] : []),
    "",
    "Try, in another terminal in this folder",
    "  npx tourniquet incidents list",
    "  npx tourniquet incidents show <id>",
    "  npx tourniquet intake",
    '  npx tourniquet incidents stand-down <id> --by you --reason "just trying"',
    // Of a gateway that is not ours the key is announced to nobody.
    ...(sandboxUrl ? ["  npx tourniquet keys check", "  npx tourniquet worker containment     one more worker"] : []),
    "",
    "Ctrl-C ends everything.",
  ];
  return lines.join("\n");
}
