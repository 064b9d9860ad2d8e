import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { PERIODS } from '../core/costs.ts';
import type { ToolName } from '../core/tool-names.ts';
import { runTool } from './run-tool.ts';
import type { ToolContext } from './tools/tool.ts';

const MIME_TYPE = 'application/json';

/** The reports of the tools as resources, for clients that attach rather than call. */
export function registerResources(server: McpServer, contextOf: (request: ServerContext) => ToolContext): void {
  const read = async (uri: URL, tool: ToolName, args: object, request: ServerContext): Promise<ReadResourceResult> => {
    const context = { ...contextOf(request), rowsMax: Number.POSITIVE_INFINITY };
    const { structured, text, isError } = await runTool(tool, args, context);
    if (isError) throw new ProtocolError(ProtocolErrorCode.InternalError, text);
    return { contents: [{ uri: uri.href, mimeType: MIME_TYPE, text: JSON.stringify(structured) }] };
  };

  server.registerResource(
    'models',
    'signalbox://models',
    { title: 'Models', description: 'Every model of the configured providers', mimeType: MIME_TYPE },
    (uri, request) => read(uri, 'list_models', {}, request),
  );
  server.registerResource(
    'providers',
    'signalbox://providers',
    { title: 'Providers', description: 'Health of each provider', mimeType: MIME_TYPE },
    (uri, request) => read(uri, 'provider_status', {}, request),
  );
  server.registerResource(
    'usage',
    new ResourceTemplate('signalbox://usage/{period}', { list: undefined }),
    { title: 'Usage', description: `Cost by model; period: ${PERIODS.join(', ')}`, mimeType: MIME_TYPE },
    (uri, { period }, request) => {
      if (!PERIODS.some((known) => known === period)) {
        const message = `There is no usage period ${JSON.stringify(period)}; periods are ${PERIODS.join(', ')}.`;
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, message, { uri: uri.href });
      }
      return read(uri, 'cost_report', { period, group_by: 'model' }, request);
    },
  );
}
