import { createHash, type Hash, hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { CacheKey } from '../../core/ids.ts';
import type { Message, ToolDefinition } from '../../core/message.ts';
import type { CacheKeyFields } from '../../core/ports.ts';

/** Raised when the meaning of a field or the form of an answer changes: older answers are then not found. */
const KEY_VERSION = 'signalbox-answer-4';
/** So long a text is digested where it is; shorter ones together. */
const LONG_CHARS = 1_024;

/** The digest of everything that changes an answer; the order of properties does not. */
export function cacheKeyOf({ tenant, model, abilities, messages, tools, ...settings }: CacheKeyFields): CacheKey {
  const who = [tenant, model, abilities?.outputTokensMax, abilities?.capabilities];
  const content = new ContentDigest(KEY_VERSION + JSON.stringify(who) + toText(settings));
  if (tools) {
    content.add('\ntools');
    for (const tool of tools) addTool(content, tool);
  }
  for (const { role, content: parts } of messages) {
    content.add(`\n${role}`);
    for (const part of parts) addPart(content, part);
  }
  return content.digest() as CacheKey;
}

function addTool(content: ContentDigest, tool: ToolDefinition): void {
  const { description } = tool;
  if (description === undefined) content.addFields(tool);
  else content.addFields({ ...tool, description: '' }, description);
}

function addPart(content: ContentDigest, part: Message['content'][number]): void {
  switch (part.type) {
    case 'text':
      if (part.cacheBreakpoint === undefined) content.addText(part.text);
      else content.addFields({ ...part, text: '' }, part.text);
      break;
    case 'tool-result': {
      const { media = [], ...result } = part;
      content.addFields({ ...result, text: '', ...(media.length > 0 && { media: media.length }) }, part.text);
      for (const shown of media) addPart(content, shown);
      break;
    }
    case 'reasoning':
      content.addFields({ ...part, text: '' }, part.text);
      break;
    case 'tool-call':
      content.addFields({ ...part, argumentsJson: '' }, part.argumentsJson);
      break;
    case 'image':
    case 'document':
      if (part.source.type === 'url') content.addFields(part);
      else content.addFields({ ...part, source: { ...part.source, base64: '' } }, part.source.base64);
      break;
    default:
      part satisfies never;
  }
}

/** Takes texts one after the other, each behind its kind and its length: none can pass for two, or for something else. */
class ContentDigest {
  #short: string;
  #hash: Hash | undefined;

  constructor(head: string) {
    this.#short = head;
  }

  /** `apart`: the text of one field, which is empty in `fields`. */
  addFields(fields: object, apart?: string): void {
    this.#addCounted('fields', toText(fields));
    if (apart !== undefined) this.addText(apart);
  }

  /**
   * As it is: escaping it as JSON would cost more than the digest. Not with half a surrogate pair: as UTF-8, of which
   * the digest is made, one is like the other.
   */
  addText(text: string): void {
    if (text.isWellFormed()) this.#addCounted('text', text);
    else this.#addCounted('escaped', JSON.stringify(text));
  }

  add(text: string): void {
    if (text.length < LONG_CHARS) {
      this.#short += text;
      return;
    }
    this.#hash ??= createHash('sha256');
    this.#hash.update(this.#short).update(text);
    this.#short = '';
  }

  digest(): string {
    return this.#hash ? this.#hash.update(this.#short).digest('hex') : hash('sha256', this.#short, 'hex');
  }

  #addCounted(kind: string, text: string): void {
    this.add(` ${kind} ${text.length}:`);
    this.add(text);
  }
}

/** RFC 8785 refuses half a surrogate pair; plain JSON escapes it, and only loses order-blindness. */
function toText(value: object): string {
  try {
    return canonicalize(value) ?? '';
  } catch {
    return JSON.stringify(value);
  }
}
