/** `calmops ui-door HOST:PORT`: lets those through to a Temporal UI who ask for it under a known host name. */
import { createLogger } from '../shell/logging.ts';
import { aborted, runProcess } from '../shell/process.ts';
import { openUiDoor, type UiAddress } from '../starter/ui-door.ts';

await runProcess(
  { component: 'ui-door', log: createLogger },
  async ({ settings, logger, signal }) => {
    const ui = uiAddress(process.argv[2]);
    const { host, temporalUiPort, allowedHosts } = settings;
    const door = await openUiDoor(temporalUiPort, ui, allowedHosts, host);
    logger.info({ url: door.url, ui }, 'The door to the Temporal UI is open');
    await aborted(signal);
    await door.close();
    return 0;
  },
);

function uiAddress(text = ''): UiAddress {
  const [, host, port] = /^([\w.-]+):(\d{1,5})$/.exec(text) ?? [];
  if (host !== undefined && port !== undefined) return { host, port: Number(port) };
  throw new Error(
    `ui-door: give the address of the Temporal UI, such as temporal-ui:8080, instead of '${text}'`,
  );
}
