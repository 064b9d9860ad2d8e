import { addAll } from '../core/collections/add-all.ts';
import type { ImagePart, Message } from '../core/message.ts';

/** What the user shows, and what tools showed. */
export function imagesOf(messages: readonly Message[]): readonly ImagePart[] {
  const images: ImagePart[] = [];
  for (const { content } of messages) {
    for (const part of content) {
      if (part.type === 'image') images.push(part);
      else if (part.type === 'tool-result' && part.images) addAll(images, part.images);
    }
  }
  return images;
}
