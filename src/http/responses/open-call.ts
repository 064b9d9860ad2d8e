import { TextJoiner } from '../../core/content/text-joiner.ts';
import type { JsonObject } from '../../core/json/json.ts';
import { toCustomInput } from '../openai/shared/custom-tool.ts';
import { toArgumentsPiece } from '../reply/tool-arguments.ts';
import { deltaHeadOf, type EventWriter } from './event-writer.ts';
import { type CallItem, callItem, type ItemStatus } from './output-items.ts';

/** A call of a stream while its arguments come. */
export class OpenCall {
  readonly index: number;
  readonly #item: CallItem;
  readonly #writer: EventWriter;
  readonly #deltaHead: string;
  readonly #argumentsText = new TextJoiner();

  constructor(item: CallItem, index: number, writer: EventWriter) {
    this.index = index;
    this.#item = item;
    this.#writer = writer;
    this.#deltaHead = deltaHeadOf('response.function_call_arguments.delta', this.#place);
  }

  /** How many characters of the arguments have come. */
  get length(): number {
    return this.#argumentsText.length;
  }

  get #place(): JsonObject {
    return { item_id: this.#item.id, output_index: this.index };
  }

  /** The events of a piece. The text of a custom tool stands within the arguments, and is told when they are whole; of a search the item alone tells. */
  add(argumentsText: string): string {
    const piece = toArgumentsPiece(this.#argumentsText, argumentsText);
    this.#argumentsText.add(piece);
    return piece === '' || this.#item.called.kind ? '' : this.#writer.delta(this.#deltaHead, piece);
  }

  /** The events of its end. */
  close(argumentsJson = this.#argumentsText.toString()): string {
    const { called } = this.#item;
    if (called.kind === 'search') return '';
    if (called.kind === undefined) {
      const done = { ...this.#place, name: called.name, arguments: argumentsJson };
      return this.#writer.event('response.function_call_arguments.done', done);
    }
    const input = toCustomInput(argumentsJson);
    return (
      this.#writer.event('response.custom_tool_call_input.delta', { ...this.#place, delta: input }) +
      this.#writer.event('response.custom_tool_call_input.done', { ...this.#place, input })
    );
  }

  /** The item, with what has come of the arguments. */
  item(status: ItemStatus, argumentsJson = this.#argumentsText.toString()): JsonObject {
    return callItem(this.#item, status, argumentsJson);
  }
}
