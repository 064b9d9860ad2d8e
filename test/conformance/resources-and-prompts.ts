import {
  acceptedContent,
  inputRequired,
  type McpServer,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import { askFor } from './input-required-tools.ts';
import { PNG } from './samples.ts';

export function registerFixtureResources(server: McpServer): void {
  const text = { mimeType: 'text/plain', description: 'For the conformance suite' };
  server.registerResource('static-text', 'test://static-text', text, async ({ href }) => ({
    contents: [{ uri: href, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }],
  }));
  server.registerResource('static-binary', 'test://static-binary', { mimeType: 'image/png' }, async ({ href }) => ({
    contents: [{ uri: href, mimeType: 'image/png', blob: PNG }],
  }));
  server.registerResource('watched-resource', 'test://watched-resource', text, async ({ href }) => ({
    contents: [{ uri: href, mimeType: 'text/plain', text: 'Watched resource content' }],
  }));
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined });
  server.registerResource('template', template, { mimeType: 'application/json' }, async ({ href }, { id }) => ({
    contents: [
      {
        uri: href,
        mimeType: 'application/json',
        text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
      },
    ],
  }));
  server.server.setRequestHandler('resources/subscribe', async () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', async () => ({}));
}

export function registerFixturePrompts(server: McpServer): void {
  server.registerPrompt('test_simple_prompt', { description: 'Without arguments' }, async () => ({
    messages: [said('This is a simple prompt for testing.')],
  }));
  const argsSchema = z.object({ arg1: z.string().describe('First'), arg2: z.string().describe('Second') });
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'Two arguments', argsSchema },
    async ({ arg1, arg2 }) => ({
      messages: [said(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
    }),
  );
  const uriSchema = z.object({ resourceUri: z.string().describe('What to embed') });
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'Embeds a resource', argsSchema: uriSchema },
    async ({ resourceUri: uri }) => {
      const resource = { uri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' };
      const messages = [{ role: 'user' as const, content: { type: 'resource' as const, resource } }];
      return { messages: [...messages, said('Please process the embedded resource above.')] };
    },
  );
  server.registerPrompt('test_prompt_with_image', { description: 'Shows an image' }, async () => ({
    messages: [
      { role: 'user', content: { type: 'image', data: PNG, mimeType: 'image/png' } },
      said('Please analyze the image above.'),
    ],
  }));
  // Without arguments a prompt is called with the context alone, which its type does not say.
  server.registerPrompt(
    'test_input_required_result_prompt',
    { description: 'Needs input' },
    async (context: unknown) => {
      const { mcpReq } = context as ServerContext;
      const given = acceptedContent<{ context: string }>(mcpReq.inputResponses, 'user_context')?.context;
      if (typeof given === 'string') return { messages: [said(`Use the following context: ${given}`)] };
      return inputRequired({
        inputRequests: { user_context: askFor('What context should the prompt use?', 'context') },
      });
    },
  );
}

function said(text: string) {
  return { role: 'user' as const, content: { type: 'text' as const, text } };
}
