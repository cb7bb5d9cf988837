/** What is told of how a file was read: a sentence for people without its full stop, in small letters at its start. */
export type NoteOfReading = string;

/** Notes travel in reports and payloads, which have to stay small. */
const MOST_NOTES = 30;
const MOST_LENGTH = 400;

/** The notes as a report keeps them: sentences, and how many more there are. */
export function keptNotes(notes: readonly NoteOfReading[]): readonly string[] {
  const kept = notes.slice(0, MOST_NOTES).map(sentence);
  const more = notes.length - kept.length;
  return more === 0 ? kept : [...kept, `And ${more} more such facts.`];
}

function sentence(note: NoteOfReading): string {
  const text = note.length > MOST_LENGTH ? `${note.slice(0, MOST_LENGTH - 1)}…` : note;
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.…]$/.test(text) ? '' : '.'}`;
}
