import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { VendorState } from '../../core/message.ts';
import type { CalledTool } from './called-tool.ts';

/** What an answer repeats of its request, and what it is to hold. */
export type ResponseEcho = {
  /** The fields of the request that stand in every response object, in the API's own words. */
  readonly fields: JsonObject;
  /** May the readable reasoning be shown? Only when `reasoning.summary` asks for it. */
  readonly showsSummary: boolean;
  /** Did the client ask for all the state that a vendor wants back, or say that it keeps the conversation? */
  readonly carriesState: boolean;
  /** By the name that the model knows, the tools that are no plain functions. */
  readonly called?: ReadonlyMap<string, CalledTool>;
};

/** What the client calls the tool that the model called. */
export function calledBy({ called }: ResponseEcho, name: string): CalledTool {
  return called?.get(name) ?? { name };
}

/**
 * What of a vendor's state goes to the client with its reasoning. OpenAI gives its own without being asked, and clients send back what they got. But
 * Gemini signs its words too, after it said them, and does without: programs that take the last item for the message get it only when they ask.
 */
export function carriedBy({ carriesState }: ResponseEcho, state: VendorState | undefined): VendorState | undefined {
  return carriesState || state?.kind !== 'gemini' ? state : undefined;
}

export type ResponseState = {
  /** `req_...` of the request; the response's id is made of it. */
  readonly requestId: string;
  readonly createdAtS: number;
  readonly model: string;
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  readonly output: readonly JsonObject[];
  readonly error?: JsonObject;
  readonly incompleteReason?: string;
  readonly usage?: JsonObject;
  readonly completedAtS?: number;
};

export type ResponseObject = JsonObject & { readonly output: readonly JsonObject[] };

/**
 * A response object with all fields the API always sends. Nothing is stored, so `store` is false and
 * nothing precedes it. Source: https://platform.openai.com/docs/api-reference/responses/object
 */
export function toResponseObject(echo: ResponseEcho, state: ResponseState): ResponseObject {
  const { incompleteReason } = state;
  return {
    id: `resp_${state.requestId.replace(/^req_/, '')}`,
    object: 'response',
    created_at: state.createdAtS,
    status: state.status,
    background: false,
    completed_at: orNull(state.completedAtS),
    error: orNull(state.error),
    incomplete_details: incompleteReason === undefined ? null : { reason: incompleteReason },
    model: state.model,
    output: state.output,
    previous_response_id: null,
    store: false,
    usage: orNull(state.usage),
    ...echo.fields,
  };
}

function orNull(value: JsonValue | undefined): JsonValue {
  return value === undefined ? null : value;
}
