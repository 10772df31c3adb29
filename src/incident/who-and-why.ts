import { z } from "zod";
import { TourniquetError } from "../errors.ts";
import { visible } from "./visible.ts";

/** What nobody can see is no name and no reason, however long it is. */
const isVisible = (text: string): boolean => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text);
const words = (must: string, most: number) =>
  z
    .string(must)
    .trim()
    .refine(isVisible, { error: must, abort: true })
    .refine((text) => text.isWellFormed(), { error: "must be whole characters", abort: true })
    .max(most, `must be at most ${most} characters`);
/** What a terminal obeys could make a record say what nobody said. */
const isPlain = (text: string): boolean => visible(text) === text;
/** Two names that look the same would be two people: zero-width characters, joiners and fillers too. */
const UNSEEN_IN_A_NAME = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/u;
const name = (must: string) =>
  words(must, 200).refine(
    (text) => isPlain(text) && !UNSEEN_IN_A_NAME.test(text),
    "must have no control characters and none that nobody sees",
  );
const prose = (must: string) =>
  words(must, 2_000).refine(
    (text) => isPlain(text.replace(/\r?\n/g, "")),
    "must have no control characters but line breaks",
  );

/**
 * What a person says with every order, over HTTP as on the command line: who (at most 200 characters), and why (2,000). A name is
 * what tells people whom to ask; an empty one, such as "$USER" of nobody, would stand in the incident for ever.
 */
export const person = {
  by: name("must say who").meta({
    description: "who: a personal token or a login says it by itself",
    example: "ada",
  }),
  owner: name("must say who answers for it").meta({ description: "who answers for it", example: "ada" }),
  reason: prose("must say why").meta({ description: "why: it stays in the record", example: "seen it twice" }),
  rootCause: prose("must say what was wrong").meta({ example: "retry loop without an end" }),
  fix: prose("must say how it was mended").meta({ example: "v2.3 gives up after three tries" }),
} as const;

/**
 * The same of an order that came by no schema: what was said, without space around it. Throws input-invalid, whose
 * `detail.mistakes` names every field that is wrong, before anything is done.
 */
export function whoAndWhy<O extends Partial<Record<keyof typeof person, string>>>(said: O): O {
  const fields = Object.keys(said) as (keyof typeof person)[];
  const read = fields.map((field) => ({ field, ...person[field].safeParse(said[field]) }));
  const mistakes = read.flatMap(({ field, error }) =>
    (error?.issues ?? []).map(({ message }) => ({ field, problem: message })),
  );
  if (mistakes.length > 0) {
    const named = mistakes.map(({ field, problem }) => `${field} ${problem}`).join("; ");
    throw new TourniquetError("input-invalid", `Who and why must be said: ${named}.`, { mistakes });
  }
  return Object.fromEntries(read.map(({ field, data }) => [field, data])) as O;
}
