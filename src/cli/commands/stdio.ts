import packageJson from '../../../package.json' with { type: 'json' };
import { letMemoryGrow } from '../memory.ts';
import { findConfig, type GlobalOptions, noteWarnings } from '../session.ts';

/** The default command: an MCP server on standard input and output, until the client is gone. */
export async function serveStdio(options: GlobalOptions): Promise<void> {
  // Modules are read while the configuration is.
  const [config, { createApp }, { startStdioServer }] = await Promise.all([
    findConfig(options),
    import('../../app.ts'),
    import('../../mcp/stdio/start-stdio-server.ts'),
  ]);
  noteWarnings(config);
  const app = await createApp(config);
  app.alerts.start();
  startStdioServer({
    gateway: app.gateway,
    alerts: app.alerts,
    logger: app.logger,
    enabledTools: () => config.tools.enabled,
    version: packageJson.version,
    onClose: () => app.close(),
  });
  letMemoryGrow();
}
