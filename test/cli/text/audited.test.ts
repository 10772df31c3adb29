import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { endpoints } from "../../../src/http/api/index.ts";
import { isChange } from "../../../src/http/endpoint.ts";

const folder = new URL("../../../src/cli/commands/", import.meta.url);
const sources = readdirSync(folder).map((file) => ({ file, text: readFileSync(new URL(file, folder), "utf8") }));
const changes = endpoints.filter(isChange).map(({ id }) => id);
/** What the API does not do. */
const ofCommandsAlone = ["registerWebhook", "removeWebhook"];

/** What a command says that it changes, as it stands in its source: a word, or a template with one hole. */
const actionsIn = (text: string) =>
  [...text.matchAll(/\baction(?:: | = )([^;,\n]+)/g)].flatMap(([, said]) =>
    [...said!.replace(/.*\?/, "").matchAll(/["`]([^"`]+)["`]/g)].map(([, name]) => name!),
  );
const isOf = (name: string, ids: readonly string[]) => {
  const pattern = new RegExp(`^${name.replace(/\$\{\w+\}/, "[a-z]+")}$`);
  return ids.some((id) => pattern.test(id));
};

describe("a change from the command line", () => {
  const ordering = sources.filter(({ text }) => /\bordered\(/.test(text));

  it("bears in the audit trail the name that the API calls it", () => {
    const named = ordering.flatMap(({ text }) => actionsIn(text));
    expect(named.filter((name) => !isOf(name, [...changes, ...ofCommandsAlone]))).toEqual([]);
    expect(named).toEqual(expect.arrayContaining(["shutDownFleet", "declineFreezes", "acknowledgeCascade"]));
  });

  it.each(ordering.map(({ file, text }) => [file, text]))("has a name in %s", (_, text) => {
    expect(actionsIn(text).length).toBeGreaterThan(0);
  });
});
