import { ApiError, request } from "./request.ts";
import { type Session, session } from "./session-store.ts";

/** Asks once at the start who we are. Throws where the server does not answer. */
export async function askSession(): Promise<void> {
  try {
    session.set(await request<Session>("/api/session", { stays: true }));
  } catch (error) {
    if (!(error instanceof ApiError) || error.problem.status !== 401) throw error;
    session.set(null);
  }
}

/** Throws ApiError: 401 for a token nobody has, 429 after too many. */
export async function logIn(token: string): Promise<void> {
  await request("/login", { method: "POST", body: { token }, stays: true });
  await askSession();
}

export async function logOut(): Promise<void> {
  await request("/logout", { method: "POST", stays: true });
  session.set(null);
}
