import type { JsonObject } from '../../core/json/json.ts';

/** Writes the events of one stream, which are numbered. */
export class EventWriter {
  #sequence = 0;

  event(type: string, fields: JsonObject): string {
    const data = JSON.stringify({ type, sequence_number: this.#sequence, ...fields });
    this.#sequence += 1;
    return `event: ${type}\ndata: ${data}\n\n`;
  }

  /** The one event there are hundreds of: all but its text and number is written once, by `deltaHeadOf`. */
  delta(head: string | undefined, text: string): string {
    const event = `${head}${JSON.stringify(text)},"sequence_number":${this.#sequence}}\n\n`;
    this.#sequence += 1;
    return event;
  }
}

export function deltaHeadOf(type: string, place: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...place }).slice(0, -1)},"delta":`;
}
