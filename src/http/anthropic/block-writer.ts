/** A content block that has begun; `waiting` holds its deltas while an earlier block is still open. */
export type StreamedBlock = { readonly start: object; readonly waiting: string[]; isComplete: boolean };

/**
 * Says content blocks one after the other, whatever order their pieces come in: this API has one open
 * block at a time, while vendors may write several tool calls at once. Only the first block that is
 * not complete is on the wire; those behind it wait.
 */
export class BlockWriter {
  readonly #blocks: StreamedBlock[] = [];
  #index = 0;

  /** A new block behind all others, and what there is to send. */
  begin(start: object): { readonly block: StreamedBlock; readonly sent: string } {
    const block: StreamedBlock = { start, waiting: [], isComplete: false };
    this.#blocks.push(block);
    return { block, sent: this.#blocks.length === 1 ? this.#startEvent(block) : '' };
  }

  delta(block: StreamedBlock, delta: object): string {
    const json = JSON.stringify(delta);
    if (block === this.#blocks[0]) return this.#deltaEvent(json);
    block.waiting.push(json);
    return '';
  }

  /** Ends a block; the ones that waited for it follow, up to the next that is open. */
  complete(block: StreamedBlock): string {
    block.isComplete = true;
    let sent = '';
    while (this.#blocks[0]?.isComplete) {
      sent += event('content_block_stop', { index: this.#index });
      this.#blocks.shift();
      this.#index += 1;
      const next = this.#blocks[0];
      if (next)
        sent +=
          this.#startEvent(next) +
          next.waiting
            .splice(0)
            .map((json) => this.#deltaEvent(json))
            .join('');
    }
    return sent;
  }

  #startEvent({ start }: StreamedBlock): string {
    return event('content_block_start', { index: this.#index, content_block: start });
  }

  #deltaEvent(json: string): string {
    return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":${json}}\n\n`;
  }
}

/** One server-sent event of this API: its name stands on the event and in its data. */
export function event(type: string, fields: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}
