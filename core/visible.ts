/** Controls of terminals but the line feed, and marks that turn the direction of writing. */
const UNSEEN = /(?!\n)\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A text as a terminal may be given it: names of files and columns are a stranger's, and a terminal obeys what some
 * characters say. Each of these is shown as an escape such as `\u001b`; line feeds stay.
 */
export function visible(text: string): string {
  return text.replaceAll(
    UNSEEN,
    (unseen) => `\\u${unseen.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
