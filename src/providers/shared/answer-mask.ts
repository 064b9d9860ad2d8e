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
  readonly #beginnings: readonly string[];
  readonly #lengthMax: number;
  /** Parts of one text, the last of which ends with what may be the beginning of a secret. */
  #held: Delta[] = [];
  #last: Delta | undefined;
  /** The last characters that went on, by text: what another text interrupts goes on after it. */
  readonly #before = new Map<string, string>();

  /** `secrets`: in each spelling that is to be found. */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets.filter(({ length }) => length >= LENGTH_MIN);
    this.#beginnings = [...new Set(this.#secrets.map((secret) => secret.slice(0, BEGINNING_MIN)))];
    this.#lengthMax = Math.max(0, ...this.#secrets.map(({ length }) => length));
  }

  completion(answer: Completion): Completion {
    const completion = this.#withSafeId(answer);
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
        return this.#delta(part);
      case 'tool-call-delta':
        return this.#delta(this.#withSafeName(part));
      case 'reasoning-delta':
        return this.#delta(this.#withSafeState(part));
      case 'tool-call': {
        const argumentsJson = this.#maskedWhole(part.argumentsJson);
        return [...this.#endText(), { ...this.#withSafeName(this.#withSafeState(part)), argumentsJson }];
      }
      case 'usage':
        // It ends no text: some vendors send one with each piece.
        return [part];
      case 'finish': {
        const safe = this.#withSafeId(part);
        const finishReason = this.#maskedEnd(safe.finishReason);
        return [...this.#endText(), finishReason === safe.finishReason ? safe : { ...safe, finishReason }];
      }
      case 'error':
        return [...this.#endText(), part];
    }
  }

  #delta(part: Delta): readonly StreamPart[] {
    const ended = this.#last && !isOfOneText(this.#last, part) ? this.#endText() : [];
    this.#held.push(part);
    this.#last = part;
    const seen = this.#seen(part);
    // Nearly every piece, and there may be many.
    if (!this.#beginnings.some((beginning) => seen.includes(beginning)))
      return [...ended, ...this.#release(part, seen)];
    const masked = this.#maskedText(seen);
    this.#holdInstead(part, seen, masked);
    return this.#beginningAt(seen) === undefined ? [...ended, ...this.#release(part, masked)] : ended;
  }

  #endText(): readonly Delta[] {
    const last = this.#last;
    if (last === undefined) return [];
    const seen = this.#seen(last);
    const masked = this.#maskedWhole(seen);
    this.#holdInstead(last, seen, masked);
    this.#last = undefined;
    return this.#release(last, masked);
  }

  /** What went on last of the text of this part, and what of it is held. */
  #seen(part: Delta): string {
    return this.#beforeOf(part) + this.#held.map(deltaText).join('');
  }

  #beforeOf(part: Delta): string {
    return this.#before.get(nameOfText(part)) ?? '';
  }

  /** What went on stays as it is, also where a secret begins in it. */
  #holdInstead(part: Delta, seen: string, masked: string): void {
    if (this.#held.length === 0 || masked === seen) return;
    this.#held = [withText(part, masked.slice(sharedLength(masked, this.#beforeOf(part))))];
  }

  #release(part: Delta, masked: string): readonly Delta[] {
    const held = this.#held;
    this.#held = [];
    this.#before.set(nameOfText(part), endsText(part) ? '' : masked.slice(1 - this.#lengthMax));
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
    const unstated = part.type === 'text' ? part : this.#withSafeState(part);
    const safe = unstated.type === 'tool-call' ? this.#withSafeName(unstated) : unstated;
    if (masked === text) return safe;
    return safe.type === 'tool-call' ? { ...safe, argumentsJson: masked } : { ...safe, text: masked };
  }

  #withSafeName<Part extends { readonly id: string; readonly name: string }>(part: Part): Part {
    const id = this.#maskedText(part.id);
    const name = this.#maskedText(part.name);
    return id === part.id && name === part.name ? part : { ...part, id, name };
  }

  /** The vendor's own id of the call goes into the books. One that holds a secret is none. */
  #withSafeId<Part extends Pick<Completion, 'providerRequestId'>>(part: Part): Part {
    const { providerRequestId: id, ...rest } = part;
    return id === undefined || this.#maskedText(id) === id ? part : (rest as unknown as Part);
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
  return nameOfText(last) === nameOfText(next) && !endsText(last);
}

function nameOfText(part: Delta): string {
  if (part.type === 'tool-call-delta') return `call ${part.id}`;
  return part.type === 'text-delta' && part.isRefusal ? 'refusal' : part.type;
}

/** A vendor's state closes the reasoning before it. */
function endsText(part: Delta): boolean {
  return part.type === 'reasoning-delta' && part.vendorState !== undefined;
}

/** How many characters two texts begin with alike. */
function sharedLength(left: string, right: string): number {
  let length = 0;
  while (length < right.length && left[length] === right[length]) length += 1;
  return length;
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
