import { GatewayError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';
import { describeValue, shorten } from '../../core/wording/describe-value.ts';
import { nearestName } from '../../core/wording/nearest-name.ts';

/** Refuses a field: `"temperature" must be a number from 0 to 2, not the text "0.7".` */
export function invalidField(param: string, fault: string, hint?: string): GatewayError {
  return new GatewayError('invalid_request', `"${shorten(param, 120)}" ${fault}.`, {
    param: shorten(param, 200),
    hint,
  });
}

/** What stands in a field, if anything does. */
type Given = JsonValue | undefined;

/** Any text: `readJsonBody` has refused those that no provider can carry. */
export function readText(value: Given, param: string): string {
  if (typeof value !== 'string') throw mustBe('a text', value, param);
  return value;
}

export function readFilledText(value: Given, param: string): string {
  const text = readText(value, param);
  if (text === '') throw invalidField(param, 'must not be empty');
  return text;
}

export type NumberRange = { readonly min: number; readonly max: number };

export function readNumber(value: Given, param: string, range: NumberRange): number {
  return readInRange(value, param, { ...range, kind: 'a number' });
}

export function readInteger(value: Given, param: string, range: NumberRange): number {
  return readInRange(value, param, { ...range, kind: 'a whole number' });
}

/** -0 becomes 0, which is what it means and what every vendor reads the same way. */
function readInRange(
  value: Given,
  param: string,
  { min, max, kind }: NumberRange & { readonly kind: 'a number' | 'a whole number' },
): number {
  const fits =
    typeof value === 'number' &&
    (kind === 'a whole number' ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
    value >= min &&
    value <= max;
  if (fits) return value + 0;
  throw mustBe(`${kind} from ${figure(min)} to ${figure(max)}`, value, param);
}

export function readBoolean(value: Given, param: string): boolean {
  if (typeof value !== 'boolean') throw mustBe('true or false', value, param);
  return value;
}

export function readChoice<const Choice extends string>(
  value: Given,
  param: string,
  choices: readonly Choice[],
): Choice {
  const chosen = choices.find((choice) => choice === value);
  if (chosen !== undefined) return chosen;
  throw mustBe(choices.length === 1 ? JSON.stringify(choices[0]) : `one of ${choices.join(', ')}`, value, param);
}

export function readObject(value: Given, param: string): JsonObject {
  if (!isJsonObject(value)) throw mustBe('an object', value, param);
  return value;
}

type ListBounds = { readonly min?: number; readonly max: number };

export function readList(value: Given, param: string, { min = 0, max }: ListBounds): readonly JsonValue[] {
  if (!Array.isArray(value)) throw mustBe('a list', value, param);
  if (value.length < min || value.length > max) {
    const bounds = min === 0 ? `at most ${figure(max)}` : `${figure(min)} to ${figure(max)}`;
    throw invalidField(param, `must have ${bounds} items, not ${figure(value.length)}`);
  }
  return value;
}

type Reader<Value, Item> = (value: Value, place: string) => Item;

/** What each item of a list is, read with its place: `tools[3]`. */
export function readItems<Item>(value: Given, param: string, bounds: ListBounds, read: Reader<JsonValue, Item>) {
  return readList(value, param, bounds).map((item, index): Item => read(item, `${param}[${index}]`));
}

/** The same of a list of objects. */
export function readObjects<Item>(value: Given, param: string, bounds: ListBounds, read: Reader<JsonObject, Item>) {
  return readItems(value, param, bounds, (item, place) => read(readObject(item, place), place));
}

/** Refuses a field that nobody reads, so that a misspelling never passes for a setting. One that is null sets nothing. */
export function refuseUnknown(object: JsonObject, known: ReadonlySet<string>, param = ''): void {
  for (const key of Object.keys(object)) {
    if (!known.has(key) && object[key] !== null) throw unknownField(key, known, param);
  }
}

export function unknownField(key: string, known: Iterable<string>, within = '', hint?: string): GatewayError {
  const names = [...known];
  const near = nearestName(key, names);
  const where = within === '' ? '' : ` in "${within}"`;
  const help = near === undefined ? ` Known are ${names.join(', ')}.` : ` Did you mean "${near}"?`;
  const param = within === '' ? key : `${within}.${key}`;
  return new GatewayError('invalid_request', `Unknown field ${JSON.stringify(shorten(key))}${where}.${help}`, {
    param: shorten(param, 200),
    hint,
  });
}

function mustBe(what: string, value: Given, param: string): GatewayError {
  if (value === undefined) return invalidField(param, `is required and must be ${what}`);
  return invalidField(param, `must be ${what}, not ${describeValue(value)}`);
}

function figure(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 6 });
}
