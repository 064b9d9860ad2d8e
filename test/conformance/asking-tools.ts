import type { ElicitRequestFormParams, McpServer, ServerContext } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { textResult } from './samples.ts';

type Schema = ElicitRequestFormParams['requestedSchema'];

/** Tools of the older era: they ask the client while they run, on the stream of their own request. */
export function registerAskingTools(server: McpServer): void {
  server.registerTool(
    'test_sampling',
    { description: "Asks the client's model", inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, { mcpReq }) => {
      const { content } = await mcpReq.send({
        method: 'sampling/createMessage',
        params: { messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens: 100 },
      });
      const text = !Array.isArray(content) && content.type === 'text' ? content.text : JSON.stringify(content);
      return textResult(`LLM response: ${text}`);
    },
  );
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the user', inputSchema: z.object({ message: z.string() }) },
    async ({ message }, context) => {
      const properties = { response: { type: 'string', description: "User's response" } } as const;
      const answer = await elicit(context, message, { type: 'object', properties, required: ['response'] });
      return textResult(`User response: ${answer}`);
    },
  );
  server.registerTool(
    'test_elicitation_sep1034_defaults',
    { description: 'Asks with defaults', inputSchema: z.object({}) },
    async (_, context) => textResult(`Elicitation completed: ${await elicit(context, 'Please review', DEFAULTS)}`),
  );
  server.registerTool(
    'test_elicitation_sep1330_enums',
    { description: 'Asks to choose', inputSchema: z.object({}) },
    async (_, context) => textResult(`Elicitation completed: ${await elicit(context, 'Please choose', CHOICES)}`),
  );
}

async function elicit({ mcpReq }: ServerContext, message: string, requestedSchema: Schema): Promise<string> {
  const { action, content } = await mcpReq.send({ method: 'elicitation/create', params: { message, requestedSchema } });
  return `action=${action}, content=${JSON.stringify(content ?? {})}`;
}

const DEFAULTS: Schema = {
  type: 'object',
  properties: {
    name: { type: 'string', description: 'User name', default: 'John Doe' },
    age: { type: 'integer', description: 'User age', default: 30 },
    score: { type: 'number', description: 'User score', default: 95.5 },
    status: { type: 'string', description: 'User status', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', description: 'Verification status', default: true },
  },
  required: [],
};

const CHOICES: Schema = {
  type: 'object',
  properties: {
    untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
    titledSingle: {
      type: 'string',
      oneOf: [
        { const: 'value1', title: 'First Option' },
        { const: 'value2', title: 'Second Option' },
        { const: 'value3', title: 'Third Option' },
      ],
    },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: {
      type: 'array',
      minItems: 1,
      maxItems: 3,
      items: { type: 'string', enum: ['option1', 'option2', 'option3'] },
    },
    titledMulti: {
      type: 'array',
      minItems: 1,
      maxItems: 3,
      items: {
        anyOf: [
          { const: 'value1', title: 'First Choice' },
          { const: 'value2', title: 'Second Choice' },
          { const: 'value3', title: 'Third Choice' },
        ],
      },
    },
  },
  required: [],
};
