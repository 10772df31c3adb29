import type { Command } from "commander";
import { api } from "./api.ts";
import { audit } from "./audit.ts";
import { backtest } from "./backtest.ts";
import { breaker } from "./breaker.ts";
import { cascades } from "./cascades.ts";
import { config } from "./config.ts";
import { contain } from "./contain.ts";
import { deadLetters } from "./dead-letters.ts";
import { doctor } from "./doctor.ts";
import { drill } from "./drill.ts";
import { fleet } from "./fleet.ts";
import { incidents } from "./incidents.ts";
import { intake } from "./intake.ts";
import { keys } from "./keys.ts";
import { ledger } from "./ledger.ts";
import { notify } from "./notify.ts";
import { register } from "./register.ts";
import { sandbox } from "./sandbox.ts";
import { signals } from "./signals.ts";
import { silence } from "./silence.ts";
import { start } from "./start.ts";
import { tokens } from "./tokens.ts";
import { tuning } from "./tuning.ts";
import { worker } from "./worker.ts";

/** Every command, in the order `--help` shows them. */
export const commands: readonly ((program: Command) => void)[] = [
  start,
  api,
  worker,
  sandbox,
  register,
  doctor,
  contain,
  incidents,
  cascades,
  signals,
  fleet,
  breaker,
  silence,
  deadLetters,
  tuning,
  config,
  keys,
  notify,
  ledger,
  audit,
  tokens,
  intake,
  drill,
  backtest,
];
