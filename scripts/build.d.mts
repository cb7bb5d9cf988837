export function buildIfOlder(root?: string): Promise<boolean>;
