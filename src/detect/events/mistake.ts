/** What is wrong with one field and how to mend it. Never repeats the value: it may be a secret in the wrong place. */
export interface Mistake {
  field: string;
  problem: string;
}
