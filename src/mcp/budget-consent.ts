import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  type McpServer,
  type ServerContext,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/server';
import { PassingMap } from '../core/collections/passing-map.ts';
import type { BudgetQuestion } from '../gateway/money/when-refused.ts';

const FIELD = 'budget';
const VALID_S = 600;
const SPENT_MAX = 10_000;
/** A person may be away for a while. */
const ASKING_MS_MAX = 600_000;

/** Which question was answered: that of one call of one caller, and what it said that the call costs at most. */
type State = { readonly nonce: string; readonly call: string; readonly costMax: number };

const codec = createRequestStateCodec<State>({ key: randomBytes(32), ttlSeconds: VALID_S });
/** Answers that were used: each is good for one call. */
const spent = new PassingMap<true>();

/** For the server's options: what comes back from a client is only taken when it was given out here. */
export const verifyState = codec.verify;

/**
 * Asks the person at the client when a budget is reached. The call ends with the question; the client asks and
 * calls again with the answer (2026-07-28). Older clients are asked within the call, which is then tried once more.
 */
export class BudgetConsent {
  readonly #server: McpServer;
  readonly #request: ServerContext;
  readonly #call: string;
  #question: BudgetQuestion | undefined;
  /** What a yes within the call was said to, in nano-dollars. */
  #allowedMax = 0;

  private constructor(server: McpServer, request: ServerContext, call: string) {
    this.#server = server;
    this.#request = request;
    this.#call = call;
  }

  /** Undefined for a client that cannot ask. `subject`: who calls what. */
  static of(server: McpServer, request: ServerContext, subject: readonly unknown[]): BudgetConsent | undefined {
    if (!canAsk(server, request)) return undefined;
    const call = createHash('sha256').update(JSON.stringify(subject)).digest('base64url');
    return new BudgetConsent(server, request, call);
  }

  /**
   * The answer that there is: it came with the call, or within it. Without one the question waits for `toResult` or
   * `askNow`, and so it does where a yes was to less: by now another model may be first.
   */
  readonly ask = async (question: BudgetQuestion): Promise<boolean> => {
    if (question.costMax <= this.#allowedMax) return true;
    const { inputResponses } = this.#request.mcpReq;
    const state = this.#request.mcpReq.requestState<State>();
    if (inputResponses?.[FIELD] !== undefined && state?.call === this.#call && !spent.get(state.nonce)) {
      spent.set(state.nonce, true);
      if (spent.size > SPENT_MAX) spent.halve();
      const isAllowed = acceptedContent(inputResponses, FIELD)?.allow === true;
      if (!isAllowed || question.costMax <= state.costMax) return isAllowed;
    }
    this.#question = question;
    return false;
  };

  /** Is there something to ask, and how? Undefined where there is nothing. */
  get due(): 'by result' | 'now' | undefined {
    if (!this.#question) return undefined;
    const version = this.#server.server.getNegotiatedProtocolVersion();
    return version === undefined || SUPPORTED_PROTOCOL_VERSIONS.includes(version) ? 'now' : 'by result';
  }

  /** What the call ends with in place of a refusal. */
  async toResult(): Promise<InputRequiredResult> {
    const costMax = this.#question?.costMax ?? 0;
    return inputRequired({
      inputRequests: { [FIELD]: inputRequired.elicit(this.#form()) },
      requestState: await codec.mint({ nonce: randomUUID(), call: this.#call, costMax }),
    });
  }

  /** True for a yes in time, which `ask` then gives; whatever else the client says or does not say is a no. Never rejects. */
  async askNow(signal: AbortSignal, waitMs = ASKING_MS_MAX): Promise<boolean> {
    if (waitMs <= 0) return false;
    const timeout = Math.min(waitMs, ASKING_MS_MAX);
    const options = { signal, timeout, relatedRequestId: this.#request.mcpReq.id };
    const question = { method: 'elicitation/create', params: { mode: 'form', ...this.#form() } } as const;
    const asked = this.#server.server.request(question, options);
    const answer = await asked.catch(() => undefined);
    if (answer?.action !== 'accept' || answer.content?.allow !== true) return false;
    this.#allowedMax = this.#question?.costMax ?? 0;
    this.#question = undefined;
    return true;
  }

  #form() {
    return {
      message: this.#question?.text ?? '',
      requestedSchema: {
        type: 'object' as const,
        properties: { allow: { type: 'boolean' as const, title: 'Allow this request', default: false } },
        required: ['allow'],
      },
    };
  }
}

/** Declared with the request (2026-07-28) or in the handshake (older). A client may open addresses only, and show no form. */
function canAsk(server: McpServer, { mcpReq }: ServerContext): boolean {
  const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {};
  const declared = (envelope[CLIENT_CAPABILITIES_META_KEY] ?? server.server.getClientCapabilities()) as
    | ClientCapabilities
    | undefined;
  const { elicitation } = declared ?? {};
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}
