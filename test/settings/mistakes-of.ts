import { TourniquetError } from "../../src/errors.ts";
import { readSettings } from "../../src/settings/settings.ts";

export const mistakesOf = (yaml: string, env = {}): readonly string[] => mistakesIn(() => readSettings(yaml, env));

export function mistakesIn(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof TourniquetError && error.code === "config-invalid") return error.detail.mistakes as string[];
    throw error;
  }
  return [];
}
