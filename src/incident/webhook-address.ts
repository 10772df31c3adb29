/** The events that the gateway is asked to tell our webhook of (mission I1). */
export const webhookTypes = ["budget_threshold", "escrow_state_change", "reputation_change"] as const;

/** The path of ours that is registered; the other one that our intake answers to is the seeds'. */
export const INTAKE_PATH = "/webhooks/greenhelix";
const OURS = /\/(webhooks\/greenhelix|incidents\/webhook)\/?$/;

/** Whether our intake answers at this address; the host in front of it may be anybody's. */
export function isIntake(url: string): boolean {
  return OURS.test(URL.parse(url)?.pathname ?? "");
}

/** One address, however it is written: a slash at its end is none. */
export function isSameAddress(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

const plain = (url: string): string => (URL.parse(url)?.href ?? url).replace(/\/+$/, "");
