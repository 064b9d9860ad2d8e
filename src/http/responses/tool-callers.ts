import type { JsonObject, JsonValue } from '../../core/json/json.ts';
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

/** Refuses a tool that is to be told of, or to answer, later. */
export function refuseLater(tool: JsonObject, place: string): void {
  for (const name of ['async', 'defer_loading'] as const) {
    if (tool[name] != null && readBoolean(tool[name], `${place}.${name}`)) {
      throw invalidField(`${place}.${name}`, 'must be false or left out');
    }
  }
}
