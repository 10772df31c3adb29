import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import type { OrderContainmentPorts } from "../contain/order-containment.ts";
import { describeError } from "../errors.ts";
import type { AuditTrail } from "../incident/audit.ts";
import type { Breakers } from "../incident/breaker.ts";
import type { Cascades } from "../incident/cascade.ts";
import type { Changes } from "../incident/changes.ts";
import type { LoginLimit, PersonalTokens, Sessions } from "../incident/credentials.ts";
import type { DeadLetters } from "../incident/dead-letter.ts";
import type { Drills } from "../incident/drills.ts";
import type { Escalations } from "../incident/escalation.ts";
import type { Fleet } from "../incident/fleet.ts";
import type { IdempotencyKeys } from "../incident/idempotency.ts";
import type { Inbox } from "../incident/inbox.ts";
import type { Dispatch } from "../incident/jobs.ts";
import type { Measures } from "../incident/measures.ts";
import type { ByUrgencyPorts } from "../incident/page-by-urgency.ts";
import type { Pages } from "../incident/pages.ts";
import type { Caps, Clock, Incidents, Log } from "../incident/ports.ts";
import type { PostMortems } from "../incident/post-mortem.ts";
import type { RedisProbe } from "../incident/redis-state.ts";
import type { Silences } from "../incident/silence.ts";
import type { Spending } from "../incident/spend.ts";
import type { Tracing } from "../incident/tracing.ts";
import type { Tunings } from "../incident/tuning.ts";
import type { Verdicts } from "../incident/verdict.ts";
import type { AgentWatch } from "../incident/watch.ts";
import type { ExportLedgerPorts } from "../learn/ledger/export.ts";
import type { Queues } from "../queues/dispatch.ts";
import type { AskRecoveryPorts } from "../recover/ask-recovery.ts";
import type { AskStandDownPorts } from "../recover/ask-stand-down.ts";
import type { HeldSettings } from "../settings/holder.ts";
import type { Settings } from "../settings/settings.ts";
import { createActivityHandler } from "./activity.ts";
import type { ContainPorts } from "./api/contain.ts";
import type { DrillsApiPorts } from "./api/drills.ts";
import { endpoints } from "./api/index.ts";
import type { SettingsFileApiPorts } from "./api/settings-file.ts";
import type { UpkeepApiPorts } from "./api/upkeep.ts";
import { createAuth, type Tokens } from "./auth.ts";
import { bullBoard } from "./bull-board.ts";
import type { ChangePorts } from "./change.ts";
import { consolePages } from "./console.ts";
import { described } from "./described.ts";
import { docsPage } from "./docs-page.ts";
import { FloodGuard, type FloodLimits } from "./flood-guard.ts";
import { bullBoardHeaders, strictHeaders } from "./headers.ts";
import { alive, readiness } from "./health.ts";
import { begunLately } from "./lately.ts";
import type { Live } from "./live.ts";
import { login } from "./login.ts";
import { wrongMethod } from "./method.ts";
import { createMetrics } from "./metrics.ts";
import { mount } from "./mount.ts";
import { openApiDocument } from "./openapi.ts";
import { type Problem, problemOf, sendProblem } from "./problem.ts";
import { sparing } from "./sparing-log.ts";
import { noteUnnamedProxy } from "./unnamed-proxy.ts";
import { createWebhookHandler } from "./webhook.ts";

export interface AppPorts {
  audit: AuditTrail;
  idempotencyKeys: IdempotencyKeys;
  replication: ChangePorts["replication"];
  inbox: Pick<Inbox, "accept" | "quarantine" | "quarantined" | "stats" | "load">;
  incidents: Pick<
    Incidents,
    | "list"
    | "allOpen"
    | "agents"
    | "receipts"
    | "page"
    | "view"
    | "load"
    | "signals"
    | "evidence"
    | "beginStandDown"
    | "note"
  >;
  verdicts: Verdicts;
  cascades: Pick<Cascades, "page" | "load" | "handedOver">;
  fleet: Fleet;
  agentWatch: Pick<AgentWatch, "seenAgents" | "heardAt">;
  escalations: Pick<Escalations, "acknowledge" | "overdue">;
  ledgers: ExportLedgerPorts["ledgers"];
  signer: ExportLedgerPorts["signer"];
  caps: AskStandDownPorts["caps"] & Pick<Caps, "lastSeen" | "lastSeenAt">;
  recoveries: AskRecoveryPorts["recoveries"];
  dispatch: Dispatch;
  deadLetters: DeadLetters;
  tunings: Tunings;
  postMortems: Pick<PostMortems, "load">;
  clock: Pick<Clock, "now">;
  config: OrderContainmentPorts["config"];
  ordered: ContainPorts["ordered"];
  breakers: Breakers;
  silences: Silences;
  /** Always the ones in force (settings/holder.ts). */
  settings: Settings;
  heldSettings: HeldSettings;
  /** All active; empty refuses every webhook, and the log says so at the start. */
  webhookSecrets: readonly string[];
  /** Of the environment. */
  tokens: Tokens;
  personalTokens: PersonalTokens;
  sessions: Sessions;
  loginLimit: LoginLimit;
  /** Whose X-Forwarded-* is believed: addresses and networks; none left out. */
  trustedProxies?: readonly string[];
  publicUrl?: string | undefined;
  queues: Pick<Queues, "all" | "isInHand">;
  measures: Measures;
  spending: Spending;
  pages: Pick<Pages, "counts">;
  live: Live;
  drills: Drills;
  drillRunner: DrillsApiPorts["drillRunner"];
  changes: Pick<Changes, "mark">;
  notifiers: UpkeepApiPorts["notifiers"];
  checkKeys: UpkeepApiPorts["checkKeys"];
  diagnose: UpkeepApiPorts["diagnose"];
  reloadSettings: SettingsFileApiPorts["reloadSettings"];
  redisProbe: RedisProbe;
  tracing?: Tracing;
  log: Log;
  floodLimits?: Partial<FloodLimits>;
  /** How long one look at Redis answers all who ask for health and metrics, which needs no token; 1 s unless said. */
  lookedForMs?: number;
}

/** What endpoints are given: one look at all that is open answers whoever asks within a moment. */
export type ServedPorts = AppPorts & ByUrgencyPorts;

/** Less than a console waits between a change that it is told of and asking (250 ms). 1,000 open incidents are read in about 0.1 s. */
const OPEN_LOOKED_WITHIN_MS = 100;

const BOARD_PATH = "/admin/queues";

/** What one port serves: all of it; or, with ADMIN_PORT, what machines call on one and what people use on the other. */
export type Surface = "all" | "public" | "admin";

/**
 * The HTTP surface. Opens nothing; `listen` serves it. webhookAnswers: how often each status was answered; two surfaces of one
 * process share it, since only one receives and only the other shows it.
 */
export function createApp(
  ports: AppPorts,
  surface: Surface = "all",
  webhookAnswers: Map<number, number> = new Map(),
): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", [...(ports.trustedProxies ?? [])]);
  // First, and before any middleware: everything in front of it is paid by every webhook.
  if (surface !== "admin") mountWebhooks(app, ports, webhookAnswers);
  const auth = createAuth(ports);
  const { lookedForMs = 1_000 } = ports;
  app.get("/healthz", alive);
  const proxies = noteUnnamedProxy(app, ports.log);
  app.use(proxies.note);
  app.get("/readyz", readiness({ ...ports, proxyWarnings: proxies.warnings }, lookedForMs));
  if (surface === "public") app.use(agentsOnly, strictHeaders);
  else {
    // Of all that the admin surface answers only Bull Board has headers of its own.
    app.use(BOARD_PATH, bullBoardHeaders, auth.require("viewer"), ...bullBoard(ports.queues, BOARD_PATH));
    app.use(strictHeaders);
    app.get("/metrics", createMetrics({ ...ports, webhookAnswers }, lookedForMs));
    // Before the login: its GET /login is what is left where the console cannot be put together.
    app.use(consolePages(ports));
    app.use(login({ ...ports, auth }));
  }
  // How many ask, as all consoles do on one change, must not multiply the reading.
  const openIncidents = begunLately(Math.min(lookedForMs, OPEN_LOOKED_WITHIN_MS), () => ports.incidents.allOpen());
  mount<ServedPorts>(app, { ...ports, openIncidents }, auth, endpoints);
  const description = openApiDocument(endpoints, described);
  const asJson = JSON.stringify(description);
  app.get("/openapi.json", (_req, res) => void res.type("json").send(asJson));
  app.use(docsPage(description));
  // What the console leaves: programs, and anybody where it could not be put together.
  app.get("/", (_req, res) => void res.json({ name: "tourniquet", docs: "/docs", openapi: "/openapi.json" }));
  app.all(["/", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics"], wrongMethod("GET"));
  app.use(noSuchAddress);
  app.use(answerError(ports.log));
  return app;
}

const noSuchAddress: RequestHandler = (_req, res) =>
  sendProblem(res, { status: 404, kind: "no-such-address", detail: "GET /docs lists the addresses." });

/** On the port of machines agents find their breaker, and people nothing. */
const agentsOnly: RequestHandler = (req, res, next) =>
  /^\/api\/agents\/[^/]+\/breaker$/.test(req.path) ? next() : sendProblem(res, forMachines);
const forMachines: Problem = {
  status: 404,
  kind: "no-such-address",
  detail: "This port takes webhooks, is asked for health, and tells agents of their breaker.",
};

function mountWebhooks(app: Express, ports: AppPorts, answers: Map<number, number>): void {
  if (ports.webhookSecrets.length === 0)
    ports.log.warn(
      {},
      "webhooks.refused-all: GREENHELIX_WEBHOOK_SECRETS is not set, so no webhook can prove its sender",
    );
  const receiving = {
    inbox: ports.inbox,
    // Through the ports, so that settings assigned later are seen.
    get settings() {
      return ports.settings;
    },
    webhookSecrets: ports.webhookSecrets,
    flood: new FloodGuard(ports.floodLimits),
    log: sparing(ports.log),
    ...(ports.tracing && { tracing: ports.tracing }),
    answered: (status: number) => void answers.set(status, (answers.get(status) ?? 0) + 1),
  };
  const webhook = createWebhookHandler(receiving);
  const handlers = {
    "/webhooks/greenhelix": webhook,
    "/incidents/webhook": webhook,
    "/webhooks/agent-activity": createActivityHandler(receiving),
  };
  for (const [path, handler] of Object.entries(handlers)) {
    app.post(path, handler);
    app.all(path, wrongMethod("POST"));
  }
}

/** Four parameters are how Express knows it. What was not foreseen goes to the log in full and to the client as 500. */
function answerError(log: Log): ErrorRequestHandler {
  return (error, req, res, next) => {
    if (res.headersSent) return next(error);
    const problem = problemOf(error);
    if (problem === undefined || problem.status >= 500)
      log.error({ ...describeError(error), method: req.method, path: req.path }, "request.failed");
    sendProblem(
      res,
      problem ?? { status: 500, kind: "internal", detail: "Something broke here; the log has the rest." },
    );
  };
}
