/** the folder of the project, with a slash at its end */
export const root: string;
export function setUp(): Promise<void>;
export function isInstalled(folder: string): Promise<boolean>;
export function run(command: string, args: readonly string[], options?: object): Promise<number>;
