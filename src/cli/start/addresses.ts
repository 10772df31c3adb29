/** What came up, and where. `announced` is what other terminals may know of it. */
export interface Up {
  apiUrl: string;
  sandboxUrl: string | null;
  adminToken: string;
  redisUrl: string;
  announced: Record<string, string>;
}

/** What to open and what to try next. */
export function addressLines({ apiUrl, sandboxUrl, adminToken }: Up): string {
  const lines = [
    "Open",
    `  incidents    ${apiUrl}/api/incidents?token=${adminToken}`,
    `  queues       ${apiUrl}/admin/queues?token=${adminToken}`,
    `  metrics      ${apiUrl}/metrics`,
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
