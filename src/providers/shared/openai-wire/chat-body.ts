import type { JsonObject } from '../../../core/json/json.ts';
import type { ImagePart } from '../../../core/message.ts';
import type { ReasoningEffort, Verbosity } from '../../../core/parameters.ts';

/**
 * A chat completions request as OpenAI, Groq and the compatible servers take it.
 * Source: platform.openai.com/docs/api-reference/chat/create.
 */
export type ChatBody = {
  model: string;
  messages: ChatMessage[];
  max_tokens?: number;
  max_completion_tokens?: number;
  temperature?: number;
  top_p?: number;
  stop?: string[];
  seed?: number;
  presence_penalty?: number;
  frequency_penalty?: number;
  logit_bias?: Record<string, number>;
  n?: number;
  reasoning_effort?: ChatEffort;
  reasoning_format?: 'parsed';
  verbosity?: Verbosity;
  parallel_tool_calls?: false;
  tools?: ChatTool[];
  tool_choice?: 'auto' | 'none' | 'required' | { type: 'function'; function: { name: string } };
  response_format?:
    | { type: 'json_object' }
    | { type: 'json_schema'; json_schema: { name: string; schema: Record<string, unknown>; strict: boolean } };
  stream_options?: { include_usage: boolean };
  stream?: boolean;
};

/** The words of OpenAI, and Groq's own for a model that knows only on and off. */
export type ChatEffort = ReasoningEffort | 'default';

export type ChatMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: string | ChatContentPart[] }
  | {
      role: 'assistant';
      content: string | null;
      reasoning_content?: string;
      tool_calls?: ChatToolCall[];
      reasoning_details?: JsonObject[];
    }
  | { role: 'tool'; content: string; tool_call_id: string };

export type ChatContentPart =
  | { type: 'text'; text: string }
  | { type: 'file'; file: { filename: string; file_data: string } }
  | { type: 'image_url'; image_url: { url: string; detail?: NonNullable<ImagePart['detail']> } };

export type ChatToolCall = {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
  extra_content?: JsonObject;
};

export type ChatTool = {
  type: 'function';
  function: { name: string; description?: string; parameters: Record<string, unknown>; strict?: true };
};
