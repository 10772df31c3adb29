import { TourniquetError } from "../../errors.ts";
import type { Channel } from "../../incident/escalation.ts";
import { type Assembled, assemble, type ExportParts } from "../../learn/ledger/assemble.ts";
import { type Verdict, type VerifyOptions, verifyLedger } from "../../learn/ledger/verify.ts";
import { runbooks } from "../../runbooks/index.ts";
import { lineText } from "../../settings/policy-lines.ts";
import { unreached } from "../../settings/reach.ts";
import { type Difference, differencesFromDefaults, type Warning, warningsOf } from "../../settings/review.ts";
import { readSettings, type Settings } from "../../settings/settings.ts";

export interface Inputs {
  settings: { text: string; channels: readonly Channel[] };
  ledger: { text: string; options: VerifyOptions };
  export: ExportParts;
}

export interface Outputs {
  settings: CheckedSettings;
  ledger: Verdict;
  export: Assembled;
}

export type Work = keyof Inputs;

export interface CheckedSettings {
  isValid: boolean;
  mistakes: readonly string[];
  warnings: readonly Warning[];
  differences: readonly Difference[];
  policy: readonly string[];
}

/** What takes longer than webhooks may wait: reading a file that somebody posted, writing one that somebody asked for. */
export const works: { [W in Work]: (input: Inputs[W]) => Outputs[W] } = {
  settings: checkSettings,
  ledger: ({ text, options }) => verifyLedger(text, options),
  export: assemble,
};

function checkSettings({ text, channels }: Inputs["settings"]): CheckedSettings {
  let settings: Settings;
  try {
    // Whoever may read incidents may not try out which files and variables this machine has.
    settings = readSettings(text, null, "settings", { runbooks: runbooks.map(({ name }) => name) });
  } catch (error) {
    if (!(error instanceof TourniquetError) || error.code !== "config-invalid") throw error;
    return {
      ...{ isValid: false, mistakes: error.detail.mistakes as string[] },
      ...{ warnings: [], differences: [], policy: [] },
    };
  }
  return {
    isValid: true,
    mistakes: [],
    warnings: [...warningsOf(settings, Date.now()), ...unreached(settings, channels)],
    differences: differencesFromDefaults(settings),
    policy: settings.policy.map(lineText),
  };
}
