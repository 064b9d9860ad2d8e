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
} from '@modelcontextprotocol/server';
import { PassingMap } from '../core/passing-map.ts';
import type { BudgetQuestion } from '../gateway/money/when-refused.ts';

const FIELD = 'budget';
const VALID_S = 600;
const SPENT_MAX = 10_000;

/** Which question was answered: that of one call of one caller. */
type State = { readonly nonce: string; readonly call: string };

const codec = createRequestStateCodec<State>({ key: randomBytes(32), ttlSeconds: VALID_S });
/** Answers that were used: each is good for one call. */
const spent = new PassingMap<true>();

/** For the server's options: what comes back from a client is only taken when it was given out here. */
export const verifyState = codec.verify;

/**
 * Asks the person at the client when a budget is reached. The call ends with the question; the client asks and
 * calls again with the answer (2026-07-28), or the SDK asks on its behalf (older clients).
 */
export class BudgetConsent {
  readonly #request: ServerContext;
  readonly #call: string;
  #question: BudgetQuestion | undefined;

  private constructor(request: ServerContext, call: string) {
    this.#request = request;
    this.#call = call;
  }

  /** Undefined for a client that cannot ask. `subject`: who calls what. */
  static of(server: McpServer, request: ServerContext, subject: readonly unknown[]): BudgetConsent | undefined {
    if (!canAsk(server, request)) return undefined;
    const call = createHash('sha256').update(JSON.stringify(subject)).digest('base64url');
    return new BudgetConsent(request, call);
  }

  /** The answer that came with the call; without one the question waits for `toResult`. */
  readonly ask = async (question: BudgetQuestion): Promise<boolean> => {
    const { inputResponses } = this.#request.mcpReq;
    const state = this.#request.mcpReq.requestState<State>();
    if (inputResponses?.[FIELD] === undefined || state?.call !== this.#call || spent.get(state.nonce)) {
      this.#question = question;
      return false;
    }
    spent.set(state.nonce, true);
    if (spent.size > SPENT_MAX) spent.halve();
    return acceptedContent(inputResponses, FIELD)?.allow === true;
  };

  /** What the call ends with in place of a refusal, when there is something to ask. */
  async toResult(): Promise<InputRequiredResult | undefined> {
    if (!this.#question) return undefined;
    return inputRequired({
      inputRequests: {
        [FIELD]: inputRequired.elicit({
          message: this.#question.text,
          requestedSchema: {
            type: 'object',
            properties: { allow: { type: 'boolean', title: 'Allow this request', default: false } },
            required: ['allow'],
          },
        }),
      },
      requestState: await codec.mint({ nonce: randomUUID(), call: this.#call }),
    });
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
