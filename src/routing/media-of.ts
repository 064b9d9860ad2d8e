import { addAll } from '../core/collections/add-all.ts';
import type { MediaPart, Message } from '../core/message.ts';

/** What the user shows, and what tools showed. */
export function mediaOf(messages: readonly Message[]): readonly MediaPart[] {
  const media: MediaPart[] = [];
  for (const { content } of messages) {
    for (const part of content) {
      if (part.type === 'image' || part.type === 'document') media.push(part);
      else if (part.type === 'tool-result' && part.media) addAll(media, part.media);
    }
  }
  return media;
}

export function showsImage(messages: readonly Message[]): boolean {
  return mediaOf(messages).some(({ type }) => type === 'image');
}
