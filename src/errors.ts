/**
 * The one error class of the product. The list of codes is closed: whoever adds a code decides here, and only here,
 * whether the same attempt may succeed later (transient: the queue retries) or never will (permanent: dead letter).
 */
const transientByCode = {
  "config-invalid": false,
  "input-invalid": false,
  "not-found": false,
  conflict: false,
  "redis-unavailable": true,
  "redis-full": true,
  "gateway-unreachable": true,
  "gateway-timeout": true,
  "gateway-rate-limited": true,
  "gateway-failed": true,
  "gateway-refused": false,
  "gateway-unreadable": true,
  "gateway-misconfigured": false,
  "agent-control-failed": true,
  "agent-control-refused": false,
  "containment-incomplete": true,
  "step-failed": true,
  "notifier-failed": true,
  "notifier-refused": false,
  internal: true,
} as const satisfies Record<string, boolean>;

export type ErrorCode = keyof typeof transientByCode;
export const errorCodes = Object.keys(transientByCode) as [ErrorCode, ...ErrorCode[]];

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(transientByCode, text);
}

/** @property code one of the closed list. @property detail what a person needs to mend it; never holds a secret. */
export class TourniquetError extends Error {
  readonly code: ErrorCode;
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, detail: Record<string, unknown> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "TourniquetError";
    this.code = code;
    this.detail = detail;
  }
}

/** Whether another attempt may succeed. Anything that is not ours is a defect we did not foresee: retry it, loudly. */
export function isTransient(error: unknown): boolean {
  return error instanceof TourniquetError ? transientByCode[error.code] : true;
}

/** Also of one that may succeed later: whoever threw it knows that nothing was changed. */
export function saysNothingWasDone(error: unknown): boolean {
  return error instanceof TourniquetError && error.detail.isNothingDone === true;
}

/** What a log line or an incident keeps of an error: a code and one sentence. */
export function describeError(error: unknown): { code: ErrorCode; message: string } {
  if (error instanceof TourniquetError) return { code: error.code, message: error.message };
  return { code: "internal", message: error instanceof Error ? error.message : String(error) };
}
