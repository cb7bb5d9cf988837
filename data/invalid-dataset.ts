/** Of a message: reasons travel in failures, reports and pages, which have to stay small. */
const MAX_MESSAGE_LENGTH = 1000;
/** What stays of the end of a longer message, where the remedy stands. */
const KEPT_END = 300;

/**
 * The dataset file cannot be used as it is, and reading it again will not help. The message says what was
 * found, where (row and column when they are known) and what would be right. Of more than 1000 characters the
 * middle is left out.
 */
export class InvalidDatasetError extends Error {
  override name: string = 'InvalidDatasetError';

  constructor(message: string, options?: ErrorOptions) {
    super(withoutMiddle(message), options);
  }
}

function withoutMiddle(message: string): string {
  if (message.length <= MAX_MESSAGE_LENGTH) return message;
  const start = message.slice(0, MAX_MESSAGE_LENGTH - KEPT_END - 3);
  return `${start} … ${message.slice(-KEPT_END)}`;
}

/** Of a name or value within a message. */
const MAX_SHOWN_LENGTH = 60;

/** A name or value of a file as a message shows it: on one line, and of more than 60 characters the first ones. */
export function shown(text: string, length = MAX_SHOWN_LENGTH): string {
  const line = text.slice(0, length + 1).replaceAll(/\s+/g, ' ');
  return text.length > length ? `${line.slice(0, length)}…` : line;
}
