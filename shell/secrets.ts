import { readFileSync } from 'node:fs';

/** A secret is given twice, or its file cannot be read. Never holds the secret itself. */
export class SecretError extends Error {
  override name = 'SecretError';
}

/**
 * A secret of the environment: the value of `<name>`, or the content of the file that `<name>_FILE` names, as container
 * platforms mount their secrets. White space around it does not count.
 * @returns undefined if neither variable is set
 * @throws SecretError
 */
export function readSecret(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = given(env[name]);
  const file = given(env[`${name}_FILE`]);
  if (file === undefined) return value;
  if (value !== undefined) {
    throw new SecretError(`${name} and ${name}_FILE are both set: keep one of them.`);
  }
  const content = contentOf(name, file);
  if (content === '') {
    throw new SecretError(`The file ${file} of ${name}_FILE is empty: it must hold the secret.`);
  }
  return content;
}

function given(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === '' ? undefined : trimmed;
}

function contentOf(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SecretError(`The file of ${name}_FILE cannot be read: ${reason}`, { cause: error });
  }
}
