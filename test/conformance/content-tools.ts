import { setTimeout as sleep } from 'node:timers/promises';
import { fromJsonSchema, type JsonSchemaType, type McpServer, type ServerNotifier } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { PNG, textResult, WAV } from './samples.ts';

const NOTHING = z.object({});

/** Tools that answer at once, each with one kind of content. */
export function registerContentTools(server: McpServer): void {
  server.registerTool('test_simple_text', { description: 'Text' }, async () =>
    textResult('This is a simple text response for testing.'),
  );
  server.registerTool('test_image_content', { description: 'An image' }, async () => ({
    content: [{ type: 'image', data: PNG, mimeType: 'image/png' }],
  }));
  server.registerTool('test_audio_content', { description: 'A sound' }, async () => ({
    content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }],
  }));
  server.registerTool('test_embedded_resource', { description: 'A resource within the answer' }, async () => ({
    content: [
      { type: 'resource', resource: resource('test://embedded-resource', 'This is an embedded resource content.') },
    ],
  }));
  server.registerTool('test_multiple_content_types', { description: 'Text, image and resource' }, async () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      { type: 'image', data: PNG, mimeType: 'image/png' },
      { type: 'resource', resource: resource('test://mixed-content-resource', '{"test":"data","value":123}') },
    ],
  }));
  server.registerTool('test_error_handling', { description: 'Fails' }, async () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  server.registerTool(
    'test_x_mcp_header',
    { description: 'An argument mirrored in a header', inputSchema: MIRRORED },
    async ({ region }) => textResult(`region=${region ?? '<none>'}`),
  );
  server.registerTool(
    'json_schema_2020_12_tool',
    { description: 'All of JSON Schema 2020-12', inputSchema: SCHEMA_2020_12 },
    async (args) => textResult(JSON.stringify(args)),
  );
}

/** Tools that say something before they answer. */
export function registerNotifyingTools(server: McpServer, notifier: () => ServerNotifier): void {
  server.registerTool(
    'test_tool_with_logging',
    { description: 'Logs', inputSchema: NOTHING },
    async (_, { mcpReq }) => {
      for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
        await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } });
        await sleep(50);
      }
      return textResult('Tool with logging executed successfully');
    },
  );
  server.registerTool(
    'test_logging_tool',
    { description: 'Logs when asked to', inputSchema: NOTHING },
    async (_, { mcpReq }) => {
      await mcpReq.log('info', 'only when the request names a level');
      return textResult('logged');
    },
  );
  server.registerTool(
    'test_tool_with_progress',
    { description: 'Progress', inputSchema: NOTHING },
    async (_, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken;
      for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
        const params = { progressToken: progressToken ?? '', progress, total: 100, message: `${progress} of 100` };
        await mcpReq.notify({ method: 'notifications/progress', params });
        await sleep(50);
      }
      return textResult(String(progressToken ?? 'no-progress-token'));
    },
  );
  server.registerTool(
    'test_reconnection',
    { description: 'Ends its stream early', inputSchema: NOTHING },
    async (_, { http }) => {
      http?.closeSSE?.();
      await sleep(100);
      return textResult('Reconnection test completed successfully.');
    },
  );
  server.registerTool(
    'test_trigger_tool_change',
    { description: 'Tells listeners', inputSchema: NOTHING },
    async () => {
      notifier().toolsChanged();
      return textResult('told');
    },
  );
  server.registerTool(
    'test_trigger_prompt_change',
    { description: 'Tells listeners', inputSchema: NOTHING },
    async () => {
      notifier().promptsChanged();
      return textResult('told');
    },
  );
  server.registerTool('test_streaming_elicitation', { description: 'Asks nothing', inputSchema: NOTHING }, async () =>
    textResult('nothing but a result'),
  );
}

function resource(uri: string, text: string) {
  return { uri, mimeType: text.startsWith('{') ? 'application/json' : 'text/plain', text };
}

const MIRRORED = fromJsonSchema<{ region?: string; level?: number }>({
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' }, level: { type: 'integer' } },
} as JsonSchemaType);

const SCHEMA_2020_12 = fromJsonSchema({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
});
