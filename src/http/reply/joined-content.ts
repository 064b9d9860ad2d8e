import type { Choice } from '../../core/completion.ts';

type Content = Choice['content'];

/** Neighbouring texts are one, as they are in a stream; so is reasoning, up to where its vendor's state closes it. */
export function joinedContent(content: Content): Content {
  const parts: Content[number][] = [];
  for (const part of content) {
    const last = parts.at(-1);
    if (part.type === 'text' && last?.type === 'text') {
      parts[parts.length - 1] = { type: 'text', text: last.text + part.text };
    } else if (part.type === 'reasoning' && last?.type === 'reasoning' && last.vendorState === undefined) {
      parts[parts.length - 1] = { ...part, text: last.text + part.text };
    } else parts.push(part);
  }
  return parts;
}
