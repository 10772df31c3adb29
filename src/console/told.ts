import { createStore } from "./store.ts";

/** What came of the last deed of whoever sits here, in a sentence; null: nothing, or they went on to another page. */
export const told = createStore<{ sentence: string } | null>(null);

/** Said on whatever page they are (parts/told.tsx). */
export const tell = (sentence: string): void => told.set({ sentence });
