import { posix } from "node:path";

/** The house rules that a machine can check. `check` gives one line per violation: file, line, rule. */
export interface SourceFile {
  /** From the root of the repository, with slashes. */
  path: string;
  text: string;
}

const phases = ["detect", "contain", "recover", "learn", "notify"];
const ground = ["errors", "incident", "settings"];

/**
 * Who may import whom. A room is a folder of src/ or one of the files beside them; what is not listed is refused, so a new
 * room has to be decided on here. An entry with a slash lets in that one file.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  incident: ["errors"],
  settings: ["errors", "incident"],
  // The settings file names runbooks.
  config: ["errors", "incident/agent-id", "settings", "runbooks", "greenhelix/signature"],
  log: ["errors", "incident"],
  runbooks: ground,
  ...Object.fromEntries(phases.map((phase) => [phase, [...ground, "runbooks"]])),
  // People are reached over HTTP.
  notify: [...ground, "runbooks", "outbound"],
  outbound: ["errors", "incident/tracing"],
  greenhelix: ["errors", "incident", "outbound"],
  "agent-control": ["errors", "incident", "outbound"],
  redis: ["errors", "incident", "settings/redis-address"],
  queues: ["errors", "incident"],
  // Bull Board and the metrics look at the queues themselves.
  http: [...ground, "config", "log", "runbooks", ...phases, "greenhelix/signature", "outbound/address", "queues"],
  console: ["errors", "incident"],
  services: [...ground, "config", "log", "runbooks", ...phases, "greenhelix", "agent-control", "redis", "queues"],
  entries: [...ground, "config", "log", "services", "http", "doctor", "runbooks", ...phases, "redis", "queues"],
  // Measures whatever may be measured, over the same services as everybody.
  doctor: [...ground, "config", "log", "services", "runbooks", ...phases, "greenhelix", "redis", "queues"],
  workers: ["entries"],
  cli: [
    ...ground,
    "config",
    "log",
    "services",
    "entries",
    "runbooks",
    ...phases,
    "http",
    "console",
    "sandbox",
    "doctor",
    "queues/jobs",
    "greenhelix/registration",
    "greenhelix/webhook-proof",
  ],
  sandbox: ["incident/money", "greenhelix/signature"],
};

/** Of these files the room may import types alone, which are gone when it runs: the console knows what the API answers, and takes none of it along. */
const mayImportTypes: Readonly<Record<string, RegExp>> = {
  console: /^src\/http\/api\/shapes\//,
};

/** Files beside the rooms that belong together. Entries: what a process is made of, from opening to draining. */
const partOf: Readonly<Record<string, string>> = {
  ...room("config", "config", "config-schema", "weak-secrets", "version"),
  ...room("services", "services", "gateway-access", "follow-tunings", "scratch", "drill-book"),
  ...room(
    "entries",
    "server",
    "api-process",
    "worker",
    "worker-process",
    "work",
    "process",
    "run-drill",
    "reload",
    "ticker",
    "ledger-ticker",
    "ticking",
    "notification-ticker",
    "watchdog",
    "watch-ticker",
    "heartbeat",
    "tracing",
  ),
};
function room(name: string, ...files: readonly string[]): Record<string, string> {
  return Object.fromEntries(files.map((file) => [file, name]));
}

const forbiddenFolders = ["utils", "helpers", "common", "types", "constants", "managers"];
const MAX_LINES = 250;

interface TextRule {
  where: RegExp;
  but?: RegExp;
  pattern: RegExp;
  rule: string;
}

const textRules: readonly TextRule[] = [
  {
    where: /^(src|workers)\//,
    but: /^src\/config\.ts$/,
    pattern: /\bprocess\.env\b/,
    rule: "only src/config.ts reads the environment",
  },
  { where: /^test\//, pattern: /\.(skip|only|todo|skipIf|runIf)\(/, rule: "a test that is not run is no test" },
  {
    where: /^test\//,
    pattern: /setTimeout\((resolve|done|ok|r)\b|await (setTimeout|delay|sleep)\(/,
    rule: "no sleeps: inject time or await a condition",
  },
  {
    where: /./,
    pattern: /catch\s*(\([^)]*\)\s*)?\{\s*\}|\.catch\(\(\w*\) => \{\s*\}\)/,
    rule: "a catch decides something",
  },
  {
    where: /^src\/redis\//,
    pattern: /\bJSON\.stringify\(/,
    rule: "jsonText (incident/well-formed.ts): the JSON of scripts has no half of a character",
  },
  { where: /./, pattern: /\b(TODO|FIXME|XXX)\b/, rule: "no TODO on main" },
];
/** These two spell out what the rules look for. */
const rulesThemselves = /^test\/(architecture\.test|support\/house-rules)\.ts$/;

export function check(files: readonly SourceFile[]): string[] {
  const each = files.flatMap((file) => [...importViolations(file), ...textViolations(file), ...shapeViolations(file)]);
  return [...each, ...circles(files.filter(({ path }) => path.startsWith("src/console/")))];
}

/** Files that import each other, in a line each; a type that both need has a file of its own. */
function circles(files: readonly SourceFile[]): string[] {
  const imports = new Map(files.map((file) => [file.path, importsOf(file).map(({ target }) => target)]));
  const seen = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) found.push(`${[...way.slice(way.indexOf(path)), path].join(" > ")}: a circle of imports`);
    if (seen.has(path)) return;
    seen.add(path);
    for (const target of imports.get(path) ?? []) visit(target, [...way, path]);
  };
  for (const { path } of files) visit(path, []);
  return found;
}

function importViolations(file: SourceFile): string[] {
  if (!/^(src|workers)\/.*\.tsx?$/.test(file.path)) return [];
  const from = roomOf(file.path);
  return importsOf(file).flatMap(({ target, line, isType }) => {
    const to = roomOf(target);
    if (from === to || isAllowed(from, target) || (isType && mayImportTypes[from]?.test(target))) return [];
    const advice =
      from in mayImport
        ? `may import: ${mayImport[from]!.join(", ") || "nothing"}`
        : "is in no row of the table in test/support/house-rules.ts";
    return [`${file.path}:${line}: ${from} imports ${target}; ${from} ${advice}`];
  });
}

function isAllowed(from: string, target: string): boolean {
  const exact = target.replace(/^src\//, "").replace(/\.ts$/, "");
  return (mayImport[from] ?? []).some((entry) => entry === exact || (!entry.includes("/") && entry === roomOf(target)));
}

/** Relative imports only: node's own modules and packages are nobody's room. */
function importsOf(file: SourceFile): { target: string; line: number; isType: boolean }[] {
  let isType = false;
  return file.text.split("\n").flatMap((text, index) => {
    if (/^\s*(\*|\/\/|\/\*)/.test(text)) return [];
    // What comes over several lines says at its first whether it is of types alone.
    if (/^\s*(import|export)\b/.test(text)) isType = /^\s*(import|export) type\b/.test(text);
    const matches = text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*["'](\.{1,2}\/[^"']+)["']/g);
    return [...matches].map((match) => ({
      target: posix.join(posix.dirname(file.path), match[1]!),
      line: index + 1,
      isType,
    }));
  });
}

function roomOf(path: string): string {
  const [top, second = ""] = path.split("/");
  if (top !== "src") return top!;
  const name = second.replace(/\.\w+$/, "");
  return partOf[name] ?? name;
}

function textViolations(file: SourceFile): string[] {
  if (rulesThemselves.test(file.path)) return [];
  return textRules.flatMap(({ where, but, pattern, rule }) => {
    if (!where.test(file.path) || but?.test(file.path)) return [];
    return [...file.text.matchAll(new RegExp(pattern, "g"))].map((match) => {
      const line = file.text.slice(0, match.index).split("\n").length;
      return `${file.path}:${line}: ${match[0].replace(/\s+/g, " ")}: ${rule}`;
    });
  });
}

function shapeViolations(file: SourceFile): string[] {
  const lines = file.text.replace(/\n$/, "").split("\n").length;
  const folder = posix
    .dirname(file.path)
    .split("/")
    .find((part) => forbiddenFolders.includes(part));
  return [
    ...(lines > MAX_LINES ? [`${file.path}:${lines}: a file has at most ${MAX_LINES} lines`] : []),
    ...(folder === undefined ? [] : [`${file.path}:1: ${folder}: a folder is named after its concept`]),
  ];
}
