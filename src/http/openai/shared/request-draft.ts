import { GatewayError } from '../../../core/errors.ts';
import type { DeclaredTool, Message, ResponseFormat, ToolChoice, ToolDefinition } from '../../../core/message.ts';
import { type ChatParameters, pickParameters, type UnsupportedParameters } from '../../../core/parameters.ts';
import type { CallerInfo, ChatRequest, RoutingHints } from '../../../core/request.ts';
import { invalidField } from '../../request/read-value.ts';
import { LEAVE_OUT } from '../../request/unknown-fields.ts';

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** What requests of both of OpenAI's formats hold, while their fields are read one by one. */
export type RequestDraft = Mutable<ChatParameters> & {
  modelName?: string;
  messages?: readonly Message[];
  maxOutputTokens?: number;
  tools?: readonly ToolDefinition[];
  declaredTools?: readonly DeclaredTool[];
  toolChoice?: ToolChoice;
  /** Of the tools, those that may be called this time. */
  allowedTools?: ReadonlySet<string>;
  responseFormat?: ResponseFormat;
  metadata?: Readonly<Record<string, string>>;
  stream?: boolean;
  hasStreamOptions?: true;
  /** Fields that ask for what no model here is told; the policy for unsupported parameters decides. */
  unsupported?: string[];
};

/** What is known of a request besides its body. */
export type RequestOptions = {
  readonly caller: CallerInfo;
  readonly unsupportedParameters: UnsupportedParameters;
  /** What the caller wants of the routing, given the model's name. */
  readonly routing: (modelName: string) => RoutingHints;
};

/** A request, understood, but for what only one of the formats has. */
export type ReadRequest = {
  readonly request: ChatRequest;
  readonly stream: boolean;
  /** Fields that were left out because no model here is told of them, as the policy allowed. */
  readonly droppedFields: readonly string[];
};

/** The request of a draft whose fields are all read. Throws `invalid_request` naming the field. */
export function toRequest(draft: RequestDraft, messages: readonly Message[], options: RequestOptions): ReadRequest {
  const {
    modelName,
    maxOutputTokens,
    tools,
    declaredTools,
    toolChoice,
    responseFormat,
    metadata,
    unsupported = [],
  } = draft;
  const { caller, unsupportedParameters } = options;
  if (modelName === undefined) {
    throw invalidField('model', 'is required', 'Give "auto" for the router to choose, or a model of GET /v1/models.');
  }
  if (draft.hasStreamOptions && draft.stream !== true) {
    throw invalidField('stream_options', 'goes with "stream": true only', 'Leave it out, or ask for a stream.');
  }
  if (unsupportedParameters === 'reject' && unsupported[0] !== undefined) throw notHonoured(unsupported[0]);
  return {
    request: {
      ...pickParameters(draft),
      messages,
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
      ...(tools && { tools }),
      ...(declaredTools && { declaredTools }),
      ...(toolChoice !== undefined && { toolChoice }),
      ...(responseFormat && { responseFormat }),
      ...(metadata && { metadata }),
      unsupportedParameters,
      routing: options.routing(modelName),
      caller,
    },
    stream: draft.stream === true,
    droppedFields: unsupported,
  };
}

function notHonoured(field: string): GatewayError {
  return new GatewayError('invalid_request', `No model is told of "${field}" here.`, {
    param: field,
    hint: LEAVE_OUT,
  });
}
