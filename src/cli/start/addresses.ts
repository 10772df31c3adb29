/** What came up, and where. `announced` is what other terminals may know of it. */
export interface Up {
  apiUrl: string;
  /** Where people look; the same without ADMIN_PORT. */
  adminUrl: string;
  sandboxUrl: string | null;
  /** Null where the one of the environment is in force: what somebody keeps secret is not printed. */
  adminToken: string | null;
  redisUrl: string;
  announced: Record<string, string>;
}

/**
 * The console, logged in by the token behind `#`: a fragment never leaves the browser, and the page takes it out of the address.
 * token null: whoever opens it is asked.
 */
export function consoleLink(adminUrl: string, token: string | null): string {
  return token === null ? adminUrl : `${adminUrl}/#token=${token}`;
}

/** What to open and what to try next. */
export function addressLines({ adminUrl, sandboxUrl, adminToken }: Up): string {
  const lines = [
    "Open",
    `  the console  ${consoleLink(adminUrl, adminToken)}`,
    `  queues       ${adminUrl}/admin/queues`,
    `  metrics      ${adminUrl}/metrics`,
    ...(adminToken === null ? ["  (the console asks for your ADMIN_TOKEN)"] : []),
    ...(sandboxUrl ? [`  the gateway  ${sandboxUrl}/_sandbox/state`] : []),
    "",
    "Try, in another terminal in this folder",
    "  npx tourniquet incidents list",
    "  npx tourniquet incidents show <id>",
    "  npx tourniquet intake",
    '  npx tourniquet incidents stand-down <id> --by ada --reason "just trying"',
    // Of a gateway that is not ours the key is announced to nobody.
    ...(sandboxUrl ? ["  npx tourniquet keys check", "  npx tourniquet worker containment     one more worker"] : []),
    "",
    "Ctrl-C ends everything.",
  ];
  return lines.join("\n");
}
