import type { Choice, Completion, FinishReason, StreamPart } from '../../core/completion.ts';
import { fromThinkingState } from '../../core/content/signed-thinking.ts';
import type { VendorState } from '../../core/message.ts';
import { SECRET_MASK } from '../../core/secret-mask.ts';

/** Shorter values, and shorter beginnings at the end of a text, may be words that a model writes. */
const LENGTH_MIN = 16;
/** So many characters that begin a secret may be one's beginning; fewer end many a word. */
const BEGINNING_MIN = 3;

type Content = Choice['content'][number];
type Delta = Extract<StreamPart, { type: 'text-delta' | 'reasoning-delta' | 'tool-call-delta' }>;

/**
 * Takes the secrets of one call out of its answer: a server that echoes what it is sent would tell them to every caller.
 * No model sees them, so any other answer stays as it is.
 */
export class AnswerMask {
  readonly #secrets: readonly string[];
  /** Parts of one text, the last of which ends with what may be the beginning of a secret. */
  #held: Delta[] = [];
  /** The last part, and the last characters of its text that went on. */
  #last: Delta | undefined;
  #before = '';

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets.filter(({ length }) => length >= LENGTH_MIN);
  }

  completion(completion: Completion): Completion {
    const { alternatives } = completion;
    const holdsSecret = ({ content, finishReason }: Choice) =>
      content.some((part) => this.#masked(part) !== part) || this.#maskedEnd(finishReason) !== finishReason;
    if (!holdsSecret(completion) && !alternatives?.some(holdsSecret)) return completion;
    const masked = <Any extends Choice>(choice: Any): Any => ({
      ...choice,
      content: choice.content.map((part) => this.#masked(part)),
      finishReason: this.#maskedEnd(choice.finishReason),
    });
    return { ...masked(completion), ...(alternatives && { alternatives: alternatives.map(masked) }) };
  }

  /**
   * The parts that may go on, in their order. What is held back follows with a later one, at the latest with the end
   * that the vendor tells; of an answer that breaks off it is lost.
   */
  parts(part: StreamPart): readonly StreamPart[] {
    if (this.#secrets.length === 0) return [part];
    switch (part.type) {
      case 'text-delta':
      case 'tool-call-delta':
        return this.#delta(part);
      case 'reasoning-delta':
        return this.#delta(this.#withSafeState(part));
      case 'tool-call': {
        const argumentsJson = this.#maskedWhole(part.argumentsJson);
        return [...this.#endText(), { ...this.#withSafeState(part), argumentsJson }];
      }
      case 'usage':
        // It ends no text: some vendors send one with each piece.
        return [part];
      case 'finish': {
        const finishReason = this.#maskedEnd(part.finishReason);
        return [...this.#endText(), finishReason === part.finishReason ? part : { ...part, finishReason }];
      }
      case 'error':
        return [...this.#endText(), part];
    }
  }

  #delta(part: Delta): readonly StreamPart[] {
    const ended = this.#last && !isOfOneText(this.#last, part) ? this.#endText() : [];
    this.#last = part;
    const seen = this.#before + this.#held.map(deltaText).join('') + deltaText(part);
    this.#held.push(part);
    this.#holdInstead(seen, this.#maskedText(seen));
    return this.#beginningAt(seen) === undefined ? [...ended, ...this.#release(seen)] : ended;
  }

  #endText(): readonly Delta[] {
    const seen = this.#before + this.#held.map(deltaText).join('');
    this.#holdInstead(seen, this.#maskedWhole(seen));
    this.#last = undefined;
    return this.#release('');
  }

  #holdInstead(seen: string, masked: string): void {
    const part = this.#held.at(-1);
    if (part === undefined || masked === seen) return;
    const before = this.#before;
    this.#held = [withText(part, masked.startsWith(before) ? masked.slice(before.length) : masked)];
  }

  #release(seen: string): readonly Delta[] {
    const held = this.#held;
    this.#held = [];
    this.#before = seen.slice(1 - BEGINNING_MIN);
    return held;
  }

  /** Where the end of the text begins that may be the beginning of a secret. */
  #beginningAt(text: string): number | undefined {
    let first: number | undefined;
    for (const secret of this.#secrets) {
      const beginning = secret.slice(0, BEGINNING_MIN);
      let at = text.indexOf(beginning, text.length - secret.length + 1);
      while (at !== -1 && !secret.startsWith(text.slice(at))) at = text.indexOf(beginning, at + 1);
      if (at !== -1 && (first === undefined || at < first)) first = at;
    }
    return first;
  }

  #masked(part: Content): Content {
    const text = contentText(part);
    const masked = this.#maskedWhole(text);
    const safe = part.type === 'text' ? part : this.#withSafeState(part);
    if (masked === text) return safe;
    return safe.type === 'tool-call' ? { ...safe, argumentsJson: masked } : { ...safe, text: masked };
  }

  /** Signed thinking repeats the text that it signs. A state that holds a secret is left out: masked, it would be refused. */
  #withSafeState<Part extends { readonly vendorState?: VendorState }>(part: Part): Part {
    const { vendorState: state, ...rest } = part;
    if (state === undefined) return part;
    const signed = fromThinkingState(state);
    const texts = signed?.type === 'thinking' ? [signed.thinking, signed.signature] : [state.value];
    return texts.every((text) => this.#maskedWhole(text) === text) ? part : (rest as unknown as Part);
  }

  /** Of a text that has ended: a caller may choose its length so that the last letters of a secret are missing. */
  #maskedWhole(text: string): string {
    const masked = this.#maskedText(text);
    const at = this.#beginningAt(masked);
    return at === undefined || masked.length - at < LENGTH_MIN ? masked : masked.slice(0, at) + SECRET_MASK;
  }

  /** The same object when it can hold none: most ends are one word. */
  #maskedEnd(end: FinishReason): FinishReason {
    const { stopSequence, refusal } = end;
    if (stopSequence === undefined && !refusal) return end;
    const words = Object.entries(refusal ?? {}).map(([name, text]) => [name, this.#maskedText(text)] as const);
    return {
      ...end,
      ...(stopSequence !== undefined && { stopSequence: this.#maskedText(stopSequence) }),
      ...(refusal && { refusal: Object.fromEntries(words) }),
    };
  }

  #maskedText(text: string): string {
    return this.#secrets.reduce((masked, secret) => masked.replaceAll(secret, SECRET_MASK), text);
  }
}

function isOfOneText(last: Delta, next: Delta): boolean {
  switch (last.type) {
    case 'text-delta':
      return next.type === 'text-delta' && next.isRefusal === last.isRefusal;
    case 'reasoning-delta':
      return next.type === 'reasoning-delta' && !last.vendorState;
    case 'tool-call-delta':
      return next.type === 'tool-call-delta' && next.id === last.id;
  }
}

function contentText(part: Content): string {
  return part.type === 'tool-call' ? part.argumentsJson : part.text;
}

function deltaText(part: Delta): string {
  return part.type === 'tool-call-delta' ? part.argumentsText : part.text;
}

function withText(part: Delta, text: string): Delta {
  return part.type === 'tool-call-delta' ? { ...part, argumentsText: text } : { ...part, text };
}
