/** A real stdio server over the scripted gateway, for the protocol tests to spawn. Its settings come as JSON. */
import { appendFileSync } from 'node:fs';
import { DEFAULT_TOOLS, type ToolName } from '../../src/core/tool-names.ts';
import { startStdioServer } from '../../src/mcp/stdio/start-stdio-server.ts';
import { createScriptedGateway } from './scripted-gateway.ts';

export type McpEntrySettings = {
  readonly journal?: string;
  readonly bookingMs?: number;
  readonly enabledTools?: readonly ToolName[];
  readonly progressIntervalMs?: number;
  /** The books never close. */
  readonly closeHangs?: boolean;
};

const settings: McpEntrySettings = JSON.parse(process.argv[2] ?? '{}');
const { gateway } = createScriptedGateway(settings);

startStdioServer({
  gateway,
  enabledTools: () => settings.enabledTools ?? DEFAULT_TOOLS,
  version: '0.0.0-test',
  ...(settings.progressIntervalMs !== undefined && { progressIntervalMs: settings.progressIntervalMs }),
  onClose: async () => {
    if (settings.journal !== undefined) appendFileSync(settings.journal, `closed ${Date.now()}\n`);
    if (settings.closeHangs) await new Promise(() => setInterval(() => {}, 1_000));
  },
});
