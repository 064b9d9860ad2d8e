import type { StreamPart } from '../../../core/completion.ts';
import { TextJoiner } from '../../../core/content/text-joiner.ts';
import { GatewayError } from '../../../core/errors.ts';
import { type JsonObject, parseJsonObject } from '../../../core/json/json.ts';
import type { ProviderId } from '../../../core/model.ts';
import type { ToolCallIds } from '../translation/tool-call-id.ts';
import { TOOL_CALLS_MAX, tooManyToolCalls } from '../translation/tool-calls-max.ts';
import { argumentsIn, countIn, objectIn, textIn } from '../translation/wire-value.ts';
import { addDetails, callStateOf } from './call-state.ts';

type ToolCallDelta = Extract<StreamPart, { type: 'tool-call-delta' }>;

type Call = {
  /** What number it has among the calls. */
  readonly place: number;
  id: string;
  /** As the vendor wrote it. */
  wireId: string;
  name: string;
  readonly argumentsJson: TextJoiner;
  /** What of it has not been passed on. */
  unsent: string;
  /** It goes out whole, at the end. */
  isHeld: boolean;
  extra: JsonObject | undefined;
};

/**
 * Puts together tool calls that arrive in fragments. Each names the index it belongs to, but some
 * servers leave it out, and some give every call the index 0: a new id then begins a new call, and
 * what has no name, and no other id, goes on with the last one.
 */
export class ToolCallCollector {
  readonly #calls: Call[] = [];
  readonly #byIndex = new Map<number, Call>();
  readonly #ids: ToolCallIds;
  /** How many calls have been told of. */
  #begun = 0;
  #last: Call | undefined;

  readonly #provider: ProviderId | undefined;
  readonly #details = new Map<string, unknown>();
  #isRouted = false;

  constructor(ids: ToolCallIds, provider?: ProviderId) {
    this.#ids = ids;
    this.#provider = provider;
  }

  /**
   * Takes what stands beside the calls. Pieces of a call carry nothing of it, so that one goes out whole which has it, or may have it
   * yet: after one that came in one piece from a router, which says who answered (`isRouted`).
   */
  addDetails(delta: JsonObject | undefined, isRouted: boolean): void {
    addDetails(this.#details, delta);
    this.#isRouted ||= isRouted;
  }

  /** Passes on what has come of the arguments, once it is known whose they are. */
  *add(fragment: unknown): Generator<ToolCallDelta> {
    const called = objectIn(fragment, 'function');
    const id = textIn(fragment, 'id') ?? '';
    const name = textIn(called, 'name') ?? '';
    const index = countIn(fragment, 'index');
    const known = index === undefined ? this.#continued(id, name) : this.#byIndex.get(index);
    const isOther = known !== undefined && id !== '' && name !== '' && known.wireId !== '' && known.wireId !== id;
    const isNew = known === undefined || isOther;
    const call = isNew ? this.#begin(index) : known;
    this.#last = call;
    if (call.wireId === '' && id !== '') {
      call.wireId = id;
      call.id = this.#ids.take(id);
    }
    call.name ||= name;
    const piece = argumentsIn(called);
    call.extra ??= objectIn(fragment, 'extra_content');
    const isSigned = call.extra !== undefined || this.#details.has(call.wireId);
    const isPerhapsSigned = isNew && this.#isRouted && parseJsonObject(piece) !== undefined;
    call.isHeld ||= isSigned || isPerhapsSigned || objectIn(called, 'arguments') !== undefined;
    call.argumentsJson.add(piece);
    call.unsent += piece;
    if (call.place < this.#begun && hasNews(call)) yield toDelta(call);
    // A call waits for those before it: clients run them in the order in which they hear of them.
    for (let next = this.#calls[this.#begun]; next && hasNews(next); next = this.#calls[this.#begun]) {
      this.#begun += 1;
      yield toDelta(next);
    }
  }

  all(): readonly Extract<StreamPart, { type: 'tool-call' }>[] {
    return this.#calls.map(({ id, name, argumentsJson, ...call }, number) => {
      if (!name) {
        throw new GatewayError('malformed_response', `it answered a tool call without a name (number ${number}).`);
      }
      return {
        type: 'tool-call',
        id: id || this.#ids.take(undefined),
        name,
        argumentsJson: argumentsJson.toString() || '{}',
        ...callStateOf(call, this.#details, this.#provider),
      };
    });
  }

  /** The call that a fragment without an index goes on with. */
  #continued(id: string, name: string): Call | undefined {
    return name === '' && (id === '' || id === this.#last?.wireId) ? this.#last : undefined;
  }

  #begin(index: number | undefined): Call {
    if (this.#calls.length >= TOOL_CALLS_MAX) throw tooManyToolCalls();
    const call = {
      place: this.#calls.length,
      id: '',
      wireId: '',
      name: '',
      argumentsJson: new TextJoiner(),
      unsent: '',
      isHeld: false,
      extra: undefined,
    };
    this.#calls.push(call);
    if (index !== undefined) this.#byIndex.set(index, call);
    return call;
  }
}

function hasNews({ id, name, unsent, isHeld }: Call): boolean {
  return id !== '' && name !== '' && !isHeld && unsent !== '';
}

function toDelta(call: Call): ToolCallDelta {
  const argumentsText = call.unsent;
  call.unsent = '';
  return { type: 'tool-call-delta', id: call.id, name: call.name, argumentsText };
}
