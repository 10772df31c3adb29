import { ApiError, request } from "./request.ts";
import { hasEnded, type Session, session } from "./session-store.ts";

/** Asks once at the start who we are. Throws where the server does not answer. */
export async function askSession(): Promise<void> {
  try {
    session.set(await request<Session>("/api/session", { stays: true }));
  } catch (error) {
    if (!(error instanceof ApiError) || error.problem.status !== 401) throw error;
    session.set(null);
  }
}

/** Whether somebody logged in meanwhile, as in another tab: then this one goes on too. */
export async function askAgain(): Promise<void> {
  try {
    session.set(await request<Session>("/api/session", { stays: true }));
    hasEnded.set(false);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error; // no login yet, or nobody answers: it is still asked for
  }
}

/** Throws ApiError: 401 for a token nobody has, 429 after too many. */
export async function logIn(token: string): Promise<void> {
  await request("/login", { method: "POST", body: { token }, stays: true });
  await askSession();
  hasEnded.set(false);
}

export async function logOut(): Promise<void> {
  await request("/logout", { method: "POST", stays: true });
  leave();
}

/** To the login page, and what was written is gone. */
export function leave(): void {
  hasEnded.set(false);
  session.set(null);
}
