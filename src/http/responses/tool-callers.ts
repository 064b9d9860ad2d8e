import type { JsonValue } from '../../core/json/json.ts';
import { invalidField, readBoolean, readChoice, readList } from '../request/read-value.ts';

/** There are two kinds of callers: the model, and code that it runs at OpenAI. */
const CALLERS_MAX = 2;

/** Refuses a tool that code at OpenAI may call. */
export function refuseCallers(value: JsonValue | undefined, place: string): void {
  if (value == null) return;
  readList(value, place, { max: CALLERS_MAX }).forEach((caller, index) => {
    readChoice(caller, `${place}[${index}]`, ['direct']);
  });
}

/** Refuses a tool that is to answer later. */
export function refuseLater(value: JsonValue | undefined, place: string): void {
  if (value != null && readBoolean(value, place)) throw invalidField(place, 'must be false or left out');
}
