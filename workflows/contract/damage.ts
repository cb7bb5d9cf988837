/** What tasks tell of damage in the store beside what they found. */

/** Of what was found with something in the store damaged. */
export interface Damage {
  /** sentences for people: what is damaged, since when that is known, what was done about it, and what helps; absent: nothing was */
  readonly damage?: readonly string[];
}
