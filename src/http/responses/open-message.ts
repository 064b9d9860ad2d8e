import { TextJoiner } from '../../core/content/text-joiner.ts';
import type { JsonObject } from '../../core/json/json.ts';
import { deltaHeadOf, type EventWriter } from './event-writer.ts';
import { refusalContent, textContent } from './output-items.ts';

type PartType = 'output_text' | 'refusal';
type OpenPart = {
  readonly type: PartType;
  readonly place: JsonObject;
  readonly deltaHead: string;
  readonly text: TextJoiner;
};

/** A message that is being said: its parts, of which the last may be open. Methods give the events to send. */
export class OpenMessage {
  readonly id: string;
  readonly index: number;
  readonly #writer: EventWriter;
  readonly #content: JsonObject[] = [];
  #open: OpenPart | undefined;

  constructor(id: string, index: number, writer: EventWriter) {
    this.id = id;
    this.index = index;
    this.#writer = writer;
  }

  add(type: PartType, text: string): string {
    const opening = this.#open?.type === type ? '' : this.#closePart() + this.#openPart(type);
    this.#open?.text.add(text);
    return opening + this.#writer.delta(this.#open?.deltaHead, text);
  }

  /** Only the end may tell that what came was a refusal. Words that were not said as one are said again. */
  refuse(wordsFor: (said: string) => string): string {
    const said = this.#open?.text.toString() ?? '';
    return this.#open?.type === 'refusal' ? '' : this.add('refusal', wordsFor(said));
  }

  /** A message without parts would be none. */
  close(): string {
    return (this.#open || this.#content.length > 0 ? '' : this.#openPart('output_text')) + this.#closePart();
  }

  /** What has been said so far. */
  content(): readonly JsonObject[] {
    return this.#open ? [...this.#content, contentOf(this.#open.type, this.#open.text.toString())] : this.#content;
  }

  #openPart(type: PartType): string {
    const place = { item_id: this.id, output_index: this.index, content_index: this.#content.length };
    const fields = type === 'output_text' ? { ...place, logprobs: [] } : place;
    this.#open = { type, place, deltaHead: deltaHeadOf(`response.${type}.delta`, fields), text: new TextJoiner() };
    return this.#writer.event('response.content_part.added', { ...place, part: contentOf(type, '') });
  }

  #closePart(): string {
    const open = this.#open;
    if (!open) return '';
    this.#open = undefined;
    const { type, place } = open;
    const text = open.text.toString();
    const part = contentOf(type, text);
    this.#content.push(part);
    const done = type === 'refusal' ? { ...place, refusal: text } : { ...place, text, logprobs: [] };
    return (
      this.#writer.event(`response.${type}.done`, done) +
      this.#writer.event('response.content_part.done', { ...place, part })
    );
  }
}

function contentOf(type: PartType, text: string): JsonObject {
  return type === 'refusal' ? refusalContent(text) : textContent(text);
}
