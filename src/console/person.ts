import { createStore } from "./store.ts";

const KEY = "tourniquet.name";

/** Whose orders these are where the login names nobody: asked once, and kept by this browser alone. */
export const givenName = createStore(read());
givenName.subscribe((name) => {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
});

function read(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return ""; // storage is switched off
  }
}
