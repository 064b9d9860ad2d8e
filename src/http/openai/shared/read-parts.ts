import type { JsonObject, JsonValue } from '../../../core/json/json.ts';
import { IMAGE_DETAILS, type ImagePart, type MediaPart, type TextPart } from '../../../core/message.ts';
import { invalidField, readChoice, readObjects, readText } from '../../request/read-value.ts';

const PARTS_MAX = 1_000;

/** The parts of a message, in both of OpenAI's formats; a text stands for one part. */
export function readParts<Part>(
  value: JsonValue | undefined,
  place: string,
  readPart: (part: JsonObject, place: string) => Part,
  min = 0,
): readonly (Part | TextPart)[] {
  if (!Array.isArray(value)) return [{ type: 'text', text: readText(value, place) }];
  return readObjects(value, place, { min, max: PARTS_MAX }, readPart);
}

/** Refuses a part that models elsewhere take; `hints` say what to send instead, by its type. */
export function refuseTypes({ type }: JsonObject, place: string, hints: Readonly<Record<string, string>>): void {
  if (typeof type !== 'string' || !Object.hasOwn(hints, type)) return;
  throw invalidField(`${place}.type`, `is "${type}", which is not supported`, hints[type]);
}

/** Refuses what a user says when it is nothing. */
export function requireSaid(parts: readonly (TextPart | MediaPart)[], place: string): void {
  if (parts.every((part) => part.type === 'text' && part.text.trim() === ''))
    throw invalidField(place, 'must not be empty');
}

/** How closely to look; `auto`, the default, is left to the model. */
export function readDetail(value: JsonValue | undefined, place: string): Pick<ImagePart, 'detail'> {
  const detail = value == null ? 'auto' : readChoice(value, place, IMAGE_DETAILS);
  return detail === 'auto' ? {} : { detail };
}
