import type { ErrorCode } from "yaml";

/**
 * What is wrong with a text that is no YAML, for people. Not the library's own sentences: some of them quote the text, and a
 * key may stand there.
 */
export const yamlWords: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: "an alias takes neither anchor nor tag",
  BAD_ALIAS: "an alias that no anchor before it defines",
  BAD_COLLECTION_TYPE: "a tag that does not fit what follows it",
  BAD_DIRECTIVE: "a line that begins with % and is no directive",
  BAD_DQ_ESCAPE: "a backslash in double quotes that means nothing; single quotes take it as it is",
  BAD_INDENT: "indentation that does not fit the lines around it, or a [ or { that is not closed",
  BAD_PROP_ORDER: "an anchor or a tag at the wrong place",
  BAD_SCALAR_START: "a value that begins with a reserved character, such as @ or `; put it in quotes",
  BLOCK_AS_IMPLICIT_KEY: "a second colon within one line, or a line that is indented too far",
  BLOCK_IN_FLOW: "lines with dashes or colons of their own within [ ] or { }",
  DUPLICATE_KEY: "a key that stands in this section already",
  IMPOSSIBLE: "something that cannot be read",
  KEY_OVER_1024_CHARS: "a key that is longer than 1024 characters",
  MISSING_CHAR: "a quote, a comma, a colon or a space is missing",
  MULTILINE_IMPLICIT_KEY: "a key that goes over several lines, or a line without its colon",
  MULTIPLE_ANCHORS: "two anchors at one value",
  MULTIPLE_DOCS: "a second document begins here (---); one file is one document",
  MULTIPLE_TAGS: "two tags at one value",
  NON_STRING_KEY: "a key that is no text",
  RESOURCE_EXHAUSTION: "it is nested too deeply",
  TAB_AS_INDENT: "a tab where spaces must indent",
  TAG_RESOLVE_FAILED: "a tag (!) that is not known here",
  UNEXPECTED_TOKEN: "something that does not belong here: a bracket, a dash or a colon too many, or wrong indentation",
};

export const UNKNOWN_ALIAS = yamlWords.BAD_ALIAS;
export const TOO_MANY_ALIASES = "its aliases (*) repeat too much of it; write out what they stand for";
