import { expect, it } from "vitest";
import { percent } from "../../src/incident/plain-words.ts";

it.each([
  [83.33333333333334, "83.3"],
  [80, "80"],
  [99.99, "99.9"],
  [2.3, "2.3"],
  [0.04, "0"],
  [120.5, "120.5"],
])("%d per cent are said with one decimal at most, and never as more than they are: %s", (of100, said) => {
  expect(percent(of100)).toBe(said);
});
