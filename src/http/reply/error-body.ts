import type { GatewayError } from '../../core/errors.ts';
import { asSentence } from '../../core/wording/as-sentence.ts';
import type { Dialect } from '../http-types.ts';

/** An error as the clients of a dialect expect it, whole or as the data of a stream's last event. */
export function errorBody(dialect: Dialect, error: GatewayError): object {
  switch (dialect) {
    case 'openai':
      return {
        error: {
          message: openAiText(error),
          type: error.policy.openaiType,
          param: error.param ?? null,
          code: openAiCode(error),
        },
      };
    case 'anthropic':
      return {
        type: 'error',
        error: { type: anthropicType(error), message: anthropicText(error), ...anthropicDetails(error) },
        request_id: error.requestId ?? null,
      };
    case 'mcp':
      return { jsonrpc: '2.0', id: null, error: { code: jsonRpcCode(error), message: errorText(error) } };
    case 'oauth':
      return { error: error.code, error_description: errorText(error) };
    case 'plain':
      return { error: { code: error.code, message: errorText(error) } };
  }
}

/** What is wrong, then what to do. Hints speak to models, which call tools; over HTTP there are paths and headers. */
function errorText({ message, hint }: GatewayError): string {
  if (hint === undefined) return message;
  const advice = hint
    // What a list of names does not tell, such as who can do what.
    .replace(/ \(list_models [^)]*\)/g, '')
    .replace(/\b(?:Call )?list_models\b/g, 'GET /v1/models')
    .replace(/\bmax_cost_usd\b/g, 'x-signalbox-max-cost-usd');
  return `${asSentence(message)} ${advice}`;
}

/**
 * Ours, but for what VS Code's chat looks for when it may not go on from an earlier answer: it then sends the whole
 * conversation. Source: `_handleError` of GitHub Copilot Chat 0.67.0.
 */
function openAiCode({ code, param }: GatewayError): string {
  return code === 'invalid_request' && param === 'previous_response_id' ? 'previous_response_not_found' : code;
}

/** OpenAI's code of a window that is too small. */
const OPENAI_OVERFLOW = 'context_length_exceeded';

/**
 * Our code is our own: LangChain, LiteLLM and what stands on them know a window that is too small by OpenAI's code or words
 * in the text, and then shorten the conversation. Source: `_handle_openai_bad_request` of langchain-openai 1.6.6,
 * `ExceptionCheckers` of LiteLLM.
 */
function openAiText(error: GatewayError): string {
  const text = errorText(error);
  if (error.code !== 'context_too_long' || text.includes(OPENAI_OVERFLOW)) return text;
  const window = error.overflow === undefined ? 'exceeded' : `${error.overflow.contextTokens} tokens`;
  return `This model's maximum context length is ${window} (${OPENAI_OVERFLOW}). ${text}`;
}

/**
 * A window that is too small has no code of its own there: Claude Code knows it by the vendor's words, and then compacts
 * the conversation or asks for less. Source: platform.claude.com/docs, "context windows". A block that no model takes it knows by the
 * path before the text, as the vendor writes it, takes it out and goes on.
 */
function anthropicText(error: GatewayError): string {
  const text = errorText(error);
  if (error.code === 'capability_missing' && error.param?.startsWith('messages[')) return `${error.param}: ${text}`;
  if (error.code !== 'context_too_long') return text;
  const { inputTokens = 0, outputTokens = 0, contextTokens = 0 } = error.overflow ?? {};
  return inputTokens < contextTokens
    ? `input length and \`max_tokens\` exceed context limit: ${inputTokens} + ${outputTokens} > ${contextTokens}. ${text}`
    : `prompt is too long. ${text}`;
}

/**
 * What Anthropic's client looks for when it is refused a thread: its tool runner, which asks for one by
 * itself, then sends the whole conversation instead. Source: `ThreadState` of @anthropic-ai/sdk 1.11.0.
 */
function anthropicDetails({ code, param }: GatewayError): { readonly details?: object } {
  if (code !== 'invalid_request' || param !== 'thread') return {};
  return { details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] } };
}

/** By status, as Anthropic's errors page pairs them: https://platform.claude.com/docs/en/api/errors. */
function anthropicType({ httpStatus, code }: GatewayError): string {
  if (code === 'provider_overloaded' || code === 'all_cooling') return 'overloaded_error';
  return ANTHROPIC_TYPES[httpStatus] ?? (httpStatus < 500 ? 'invalid_request_error' : 'api_error');
}

const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
};

/** -32600 and -32603 are of JSON-RPC; -32000 is what MCP's servers say when HTTP itself refuses. */
function jsonRpcCode({ httpStatus }: GatewayError): number {
  if (httpStatus >= 500) return -32603;
  return httpStatus === 400 ? -32600 : -32000;
}
