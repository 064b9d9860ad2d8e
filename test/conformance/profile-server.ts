/**
 * The fixtures of the conformance suite on the production transport: our own HTTP server, guards and
 * MCP endpoint, with another server behind them. Never part of the build. Prints its address; ends with SIGTERM.
 */
import { McpServer, type ServerNotifier } from '@modelcontextprotocol/server';
import { startHttpServer } from '../../src/http/http-server.ts';
import { McpEndpoint } from '../../src/http/mcp/mcp-endpoint.ts';
import { NO_OPERATIONS, OPEN_SETTINGS, SILENT } from '../http/mcp/services.ts';
import { createScriptedGateway } from '../support/scripted-gateway.ts';
import { registerAskingTools } from './asking-tools.ts';
import { registerContentTools, registerNotifyingTools } from './content-tools.ts';
import { registerInputRequiredTools, STATE } from './input-required-tools.ts';
import { registerFixturePrompts, registerFixtureResources } from './resources-and-prompts.ts';

const mcp: McpEndpoint = new McpEndpoint({ createServer: () => createProfile(() => mcp.notify), logger: SILENT });
const { gateway } = createScriptedGateway();
const http = await startHttpServer({
  settings: OPEN_SETTINGS,
  services: {
    gateway,
    logger: SILENT,
    unsupportedParameters: 'reject',
    version: '0.0.0-test',
    operations: NO_OPERATIONS,
    mcp,
  },
});
// The suite wants a page of this very server let in, and others kept out.
http.apply({ ...OPEN_SETTINGS, allowedOrigins: [http.url] });
process.stdout.write(`${http.url}/mcp\n`);
process.once('SIGTERM', async () => {
  await http.close(0);
  await mcp.close();
});

function createProfile(notifier: () => ServerNotifier): McpServer {
  const server = new McpServer(
    { name: 'signalbox-conformance', version: '0.0.0-test' },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
      },
      requestState: { verify: STATE.verify },
    },
  );
  registerContentTools(server);
  registerNotifyingTools(server, notifier);
  registerAskingTools(server);
  registerInputRequiredTools(server);
  registerFixtureResources(server);
  registerFixturePrompts(server);
  server.server.setRequestHandler('logging/setLevel', async () => ({}));
  server.server.setRequestHandler('completion/complete', async () => ({
    completion: { values: [], total: 0, hasMore: false },
  }));
  return server;
}
