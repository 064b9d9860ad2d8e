import type { KeepAnswer } from '../../gateway/gateway.ts';
import { toKeptText } from './kept-response.ts';

/** Beyond the limit of what is kept of one answer: more is not worth holding. */
const CHARACTERS_MAX = 8 * 1_048_576;

/** What all streams that are recorded may hold together. */
export class RecordingRoom {
  charactersLeft = 64 * 1_048_576;
}

/** What a stream says, to be said again. For one that is too long only that it was answered is kept. */
export class Recording {
  readonly #room: RecordingRoom;
  readonly #keep: KeepAnswer;
  #headers: Readonly<Record<string, string>> = {};
  #text: string | undefined = '';

  constructor(room: RecordingRoom, keep: KeepAnswer) {
    this.#room = room;
    this.#keep = keep;
  }

  begin(headers: Readonly<Record<string, string>>): void {
    this.#headers = headers;
  }

  add(text: string): void {
    if (this.#text === undefined) return;
    const isTooLong = this.#text.length + text.length > CHARACTERS_MAX || text.length > this.#room.charactersLeft;
    if (isTooLong) {
      this.discard();
    } else {
      this.#text += text;
      this.#room.charactersLeft -= text.length;
    }
  }

  /** Resolves when it can be said again: only then may the reader hear the end. */
  complete(): Promise<void> {
    return this.#keep(this.#text === undefined ? undefined : toKeptText(Object.entries(this.#headers), this.#text));
  }

  /** Gives its room back. */
  discard(): void {
    this.#room.charactersLeft += this.#text?.length ?? 0;
    this.#text = undefined;
  }
}
