import type { JsonObject } from './json/json.ts';
import type { ProviderKind } from './model.ts';

/**
 * Something only its own vendor understands and that must come back unchanged in a tool loop:
 * Gemini's thought signatures, Anthropic's signed thinking blocks. Other vendors ignore it.
 */
export type VendorState = { readonly kind: ProviderKind; readonly value: string };

/**
 * Up to here a vendor with a prompt cache is asked to keep the prompt (Anthropic's `cache_control`).
 * It changes what a call costs, never its answer; vendors that cache by themselves ignore it.
 */
export type CacheBreakpoint = '5m' | '1h';

export type TextPart = { readonly type: 'text'; readonly text: string; readonly cacheBreakpoint?: CacheBreakpoint };

export const IMAGE_DETAILS = ['auto', 'low', 'high', 'original'] as const;

/** Passed on as it came, and never fetched by us. */
type MediaSource =
  | { readonly type: 'data'; readonly mediaType: string; readonly base64: string }
  | { readonly type: 'url'; readonly url: string };

export type ImagePart = {
  readonly type: 'image';
  readonly source: MediaSource;
  /** How closely OpenAI's models look, which is also what they bill; other vendors decide by themselves. */
  readonly detail?: Exclude<(typeof IMAGE_DETAILS)[number], 'auto'>;
  readonly cacheBreakpoint?: CacheBreakpoint;
};

/** A PDF. Models read its text, and look at each page. */
export type DocumentPart = {
  readonly type: 'document';
  readonly source: MediaSource;
  /** What it is called. */
  readonly title?: string;
  readonly cacheBreakpoint?: CacheBreakpoint;
};

export type MediaPart = ImagePart | DocumentPart;

export type ToolCallPart = {
  readonly type: 'tool-call';
  /** Unique within the conversation; made up by the adapter where the vendor has none. */
  readonly id: string;
  readonly name: string;
  /** JSON text of an object, as the model wrote it. */
  readonly argumentsJson: string;
  readonly vendorState?: VendorState;
};

export type ToolResultPart = {
  readonly type: 'tool-result';
  readonly toolCallId: string;
  readonly toolName: string;
  readonly text: string;
  /** What the tool showed; for vendors whose results hold only text it follows as the user's. */
  readonly media?: readonly MediaPart[];
  readonly isError?: boolean;
  readonly cacheBreakpoint?: CacheBreakpoint;
};

export type ReasoningPart = { readonly type: 'reasoning'; readonly text: string; readonly vendorState?: VendorState };

export type Message =
  | { readonly role: 'system'; readonly content: readonly TextPart[] }
  | { readonly role: 'user'; readonly content: readonly (TextPart | MediaPart)[] }
  | { readonly role: 'assistant'; readonly content: readonly (TextPart | ReasoningPart | ToolCallPart)[] }
  | { readonly role: 'tool'; readonly content: readonly ToolResultPart[] };

export type ToolDefinition = {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments, rooted in an object. */
  readonly inputSchema: JsonObject;
  /** The model is held to the schema, where it can be: those with `json-schema` among their capabilities. */
  readonly strict?: true;
  readonly cacheBreakpoint?: CacheBreakpoint;
};

/** A tool as its client declares it: of a deferred one the model does not know until a search has found it. */
export type DeclaredTool = { readonly definition: ToolDefinition; readonly isDeferred: boolean };

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** Ask for a JSON object, or for one that fits the schema. */
export type ResponseFormat =
  | { readonly type: 'json-schema'; readonly name: string; readonly schema: JsonObject }
  | { readonly type: 'json-object' };
