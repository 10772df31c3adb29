/**
 * Writes docs/configuration.md: every value of the settings file with what it takes, its default and what it means. What it takes
 * comes from the schema (src/settings/schema.ts), the default from the code, the meaning from the comments of
 * docs/tourniquet.example.yaml. A test keeps the file in step: node scripts/configuration.ts writes it anew.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { flat, presentSettings } from "../src/settings/present.ts";
import { settingsSchema } from "../src/settings/schema.ts";
import { readSettings } from "../src/settings/settings.ts";

const target = new URL("../docs/configuration.md", import.meta.url);
const example = readFileSync(new URL("../docs/tourniquet.example.yaml", import.meta.url), "utf8");

interface Row {
  path: string;
  takes: string;
}

/** A schema with what it wraps: zod gives each kind of wrapper its own name for it. */
type Wrapped = z.ZodType & {
  def: { type: string; innerType?: Wrapped; in?: Wrapped; element?: Wrapped; valueType?: Wrapped };
  shape?: Record<string, Wrapped>;
};

function rowsOf(schema: Wrapped, path: string): Row[] {
  const { def } = schema;
  if (schema.shape)
    return Object.entries(schema.shape).flatMap(([key, value]) => rowsOf(value, path === "" ? key : `${path}.${key}`));
  if (def.type === "record" && def.valueType) return rowsOf(def.valueType, `${path}.<id>`);
  const inner = def.innerType ?? def.in;
  if (def.type === "array" && def.element && isSection(def.element)) return rowsOf(def.element, `${path}[]`);
  if (inner && (isSection(inner) || def.type === "optional" || def.type === "nullable")) return rowsOf(inner, path);
  return [{ path, takes: takes(schema) }];
}

function isSection(schema: Wrapped): boolean {
  if (schema.shape || schema.def.type === "record") return true;
  const inner = schema.def.innerType ?? schema.def.in;
  if (inner) return isSection(inner);
  return schema.def.type === "array" && schema.def.element !== undefined && isSection(schema.def.element);
}

/** What the schema itself answers to nonsense. */
function takes(schema: Wrapped): string {
  const message = schema.safeParse(Symbol("nonsense")).error?.issues[0]?.message ?? "";
  const words = message.replace(/^must be /, "").replace(/, as text; put it in quotes.*$/, "");
  const element = schema.def.type === "array" ? schema.def.element : undefined;
  return element ? `a list, each ${takes(element)}` : words;
}

/** Path -> the comment beside it in the example; lines that are commented out there count too. */
function meanings(): Map<string, string> {
  const found = new Map<string, string>();
  const above: { indent: number; key: string }[] = [];
  for (const line of example.split("\n")) {
    const [, space = "", hash = "", dash = "", key, comment] =
      /^( *)(# )?( *(?:- )?)([A-Za-z]\w*):(?: (?:[^#]|#(?! ))*?)?(?:\s*# (.*))?$/.exec(line) ?? [];
    if (key === undefined || (hash !== "" && /^\s*# [a-z]+ [a-z]/.test(line))) continue;
    const indent = space.length + dash.length;
    while (above.length > 0 && above.at(-1)!.indent >= indent) above.pop();
    above.push({ indent, key });
    const path = above.map((one) => one.key).join(".");
    if (comment && !found.has(path)) found.set(path, comment);
  }
  return found;
}

/** As `flat` names a value: lists are one value, ids are no part of the defaults. */
const defaults = flat(presentSettings(readSettings(undefined, {})));
const said = meanings();

function defaultOf(path: string): string {
  const value = defaults.get(path);
  return value === undefined || value === "null" || value === "[]"
    ? ""
    : `\`${value.replaceAll('"', "").replaceAll(",", ", ")}\``;
}

/** Lists mean what their lines mean, ids nothing; what is said of P0 or of one kind of key holds for the others. */
function meaningOf(path: string): string {
  const plain = path.replaceAll("[]", "").replace(/\.<id>/g, "");
  const alike = [
    plain.replace(/\bP\d\b/, "P0"),
    ...["containment", "agents"].map((kind) => plain.replace(/^keys\.\w+/, `keys.${kind}`)),
  ];
  return [plain, ...alike].map((one) => said.get(one)).find((meaning) => meaning !== undefined) ?? "";
}

export function configurationReference(): string {
  const rows = rowsOf(settingsSchema as unknown as Wrapped, "").filter(
    ({ path }) => !path.startsWith("thresholds.agents."),
  );
  const sections = Map.groupBy(rows, ({ path }) => path.split(/[.[]/)[0]!);
  const tables = [...sections].map(([name, own]) => {
    const lines = own.map(
      ({ path, takes }) =>
        `| \`${path}\` | ${takes.replaceAll("|", "\\|")} | ${defaultOf(path)} | ${meaningOf(path)} |`,
    );
    const meaning = said.get(name);
    const intro = meaning && own.length > 1 ? `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.\n\n` : "";
    return `## ${name}\n\n${intro}| Value | Takes | Default | Meaning |\n|---|---|---|---|\n${lines.join("\n")}\n`;
  });
  return `${head}\n${tables.join("\n")}`;
}

const head = `# Configuration reference

Every value of the file that \`TOURNIQUET_CONFIG\` points to. All of it can be left out; unknown names are mistakes, and
\`npx tourniquet config check\` names every mistake with its line. [tourniquet.example.yaml](tourniquet.example.yaml) shows them in place, and the
environment variables stand in the [README](../README.md#configuration). \`[]\` is a list, \`<id>\` a name of your own. Whatever stands under \`thresholds\`
may stand under \`thresholds.agents.<id>\` too, for one agent. Lengths of time ending in Ms are milliseconds.

This page is written by \`node scripts/configuration.ts\` from the schema that reads the file.
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, configurationReference());
