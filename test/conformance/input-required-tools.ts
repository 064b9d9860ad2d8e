import { randomBytes } from 'node:crypto';
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  createRequestStateCodec,
  type InputRequests,
  inputRequired,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import { textResult } from './samples.ts';

const NOTHING = z.object({});

/** What comes back through the client is signed: instances live for one request and remember nothing. */
export const STATE = createRequestStateCodec<Record<string, unknown>>({ key: randomBytes(32) });

/** Tools of 2026-07-28: they end with what they need, and are called again with it (SEP-2322). */
export function registerInputRequiredTools(server: McpServer): void {
  const add = (name: string, run: (context: ServerContext) => Promise<Answer>) =>
    server.registerTool(name, { description: 'Needs input', inputSchema: NOTHING }, async (_, context) => run(context));

  add('test_missing_capability', async ({ mcpReq }) => {
    if (mcpReq.inputResponses?.llm_answer !== undefined) return textResult('sampling round-trip complete');
    return inputRequired({ inputRequests: { llm_answer: ask('Reply with the single word: pong') } });
  });
  add('test_input_required_result_elicitation', async ({ mcpReq }) => {
    const name = acceptedContent<{ name: string }>(mcpReq.inputResponses, 'user_name')?.name;
    if (typeof name === 'string') return textResult(`Hello, ${name}!`);
    return inputRequired({ inputRequests: { user_name: askFor('What is your name?', 'name') } });
  });
  add('test_input_required_result_sampling', async ({ mcpReq }) => {
    const given = mcpReq.inputResponses?.capital_question;
    if (given !== undefined) return textResult(`Sampling response: ${JSON.stringify(given)}`);
    return inputRequired({ inputRequests: { capital_question: ask('What is the capital of France?') } });
  });
  add('test_input_required_result_list_roots', async ({ mcpReq }) => {
    const given = mcpReq.inputResponses?.client_roots;
    if (given !== undefined) return textResult(`Roots: ${JSON.stringify(given)}`);
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  });
  add('test_input_required_result_capabilities', askWithinCapabilities);
  registerStatefulTools(add);
}

type Answer = ReturnType<typeof textResult> | ReturnType<typeof inputRequired>;
type Add = (name: string, run: (context: ServerContext) => Promise<Answer>) => unknown;

function registerStatefulTools(add: Add): void {
  add('test_input_required_result_request_state', async ({ mcpReq }) => {
    const isConfirmed = acceptedContent(mcpReq.inputResponses, 'confirm') !== undefined;
    if (isConfirmed && mcpReq.requestState() !== undefined) return textResult('state-ok: verified and confirmed');
    return inputRequired({
      inputRequests: { confirm: CONFIRM },
      requestState: await STATE.mint({ tool: 'request_state' }),
    });
  });
  add('test_input_required_result_tampered_state', async ({ mcpReq }) => {
    const isConfirmed = acceptedContent(mcpReq.inputResponses, 'confirm') !== undefined;
    if (isConfirmed && mcpReq.requestState() !== undefined) return textResult('integrity-ok');
    return inputRequired({ inputRequests: { confirm: CONFIRM }, requestState: await STATE.mint({ tool: 'tampered' }) });
  });
  add('test_input_required_result_multiple_inputs', async ({ mcpReq: { inputResponses } }) => {
    const wanted = ['user_name', 'greeting', 'client_roots'];
    if (wanted.every((key) => inputResponses?.[key] !== undefined)) return textResult(JSON.stringify(inputResponses));
    return inputRequired({
      inputRequests: {
        user_name: askFor('What is your name?', 'name'),
        greeting: ask('Generate a greeting'),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await STATE.mint({ tool: 'multiple_inputs' }),
    });
  });
  add('test_input_required_result_multi_round', async ({ mcpReq }) => {
    const { round, name } = mcpReq.requestState<Record<string, unknown>>() ?? {};
    const given = (key: string) => acceptedContent<Record<string, string>>(mcpReq.inputResponses, key);
    if (round === 2) return textResult(`${String(name)} likes ${given('step2')?.color ?? 'nothing'}`);
    if (round === 1) {
      const requestState = await STATE.mint({ round: 2, name: given('step1')?.name ?? 'unknown' });
      return inputRequired({
        inputRequests: { step2: askFor('Step 2: What is your favorite color?', 'color') },
        requestState,
      });
    }
    const requestState = await STATE.mint({ round: 1 });
    return inputRequired({ inputRequests: { step1: askFor('Step 1: What is your name?', 'name') }, requestState });
  });
}

/** Asks only for what the client said it can give. */
async function askWithinCapabilities({ mcpReq }: ServerContext): Promise<Answer> {
  if (mcpReq.inputResponses !== undefined) return textResult('all there');
  const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {};
  const declared = envelope[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
  const inputRequests: InputRequests = {
    ...(declared?.elicitation !== undefined && { user_name: askFor('What is your name?', 'name') }),
    ...(declared?.sampling !== undefined && { greeting: ask('Generate a short greeting') }),
    ...(declared?.roots !== undefined && { client_roots: inputRequired.listRoots() }),
  };
  return Object.keys(inputRequests).length === 0 ? textResult('nothing to ask for') : inputRequired({ inputRequests });
}

/** For the client's model. */
function ask(text: string) {
  return inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text } }], maxTokens: 50 });
}

/** For the user. */
export function askFor(message: string, field: string) {
  return inputRequired.elicit({
    message,
    requestedSchema: { type: 'object', properties: { [field]: { type: 'string' } }, required: [field] },
  });
}

const CONFIRM = inputRequired.elicit({
  message: 'Please confirm',
  requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
});
