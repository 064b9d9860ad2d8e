import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { UnsupportedParameters } from '../../core/parameters.ts';
import { invalidField, readChoice, readObject, readObjects } from '../request/read-value.ts';
import { fieldsLeftOut } from '../request/unknown-fields.ts';
import type { FieldNote } from './fields.ts';

const EDITS_MAX = 16;
/** They shorten what the model sees when it grows long; without them it sees everything. */
const HARMLESS_EDIT = /^clear_(?:thinking|tool_uses)_\d{8}$/;

/** Refuses fields nobody knows, where the policy is so, and those that ask for what is only at Anthropic. */
export function checkFields(
  body: JsonObject,
  fields: ReadonlyMap<string, FieldNote>,
  policy: UnsupportedParameters | undefined,
): void {
  fieldsLeftOut(body, fields, policy);
  for (const key of Object.keys(body)) {
    const row = fields.get(key);
    const value = body[key];
    if (value === undefined || value === null || row === undefined || row.treatment === 'used') continue;
    if (row.treatment === 'accepted') checkAccepted(key, value);
    else if (!(Array.isArray(value) && value.length === 0)) {
      throw invalidField(key, 'is not supported here', row.note.replace(/\. .*$/, '.'));
    }
  }
}

/** Some values of a harmless field are not harmless. */
function checkAccepted(field: string, value: JsonValue): void {
  switch (field) {
    case 'speed':
      readChoice(value, field, ['standard']);
      break;
    case 'service_tier':
      readChoice(value, field, ['auto', 'standard_only']);
      break;
    case 'context_management':
      readObjects(readObject(value, field).edits ?? [], `${field}.edits`, { max: EDITS_MAX }, ({ type }, place) => {
        if (typeof type !== 'string' || !HARMLESS_EDIT.test(type)) {
          throw invalidField(`${place}.type`, 'is not supported here', 'Shorten the conversation in your client.');
        }
      });
      break;
    default:
      readObject(value, field);
  }
}
