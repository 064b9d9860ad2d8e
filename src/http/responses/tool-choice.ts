import type { JsonValue } from '../../core/json/json.ts';
import { readName } from '../openai/shared/read-name.ts';
import { readChoice, readObject, readObjects, readText, refuseUnknown } from '../request/read-value.ts';
import { DECLARED_MAX, notOwn } from './own-tool.ts';
import type { ResponsesDraft } from './responses-draft.ts';

const FUNCTION_CHOICE_FIELDS = new Set(['type', 'name']);
const ALLOWED_FIELDS = new Set(['type', 'mode', 'tools']);

/** `tool_choice`; that the functions named exist is checked when all fields are read. */
export function readToolChoice(value: JsonValue, field: string, draft: ResponsesDraft): void {
  if (typeof value === 'string') {
    draft.toolChoice = readChoice(value, field, ['none', 'auto', 'required']);
    return;
  }
  const choice = readObject(value, field);
  const type = readText(choice.type, `${field}.type`);
  if (type === 'function' || type === 'custom') {
    refuseUnknown(choice, FUNCTION_CHOICE_FIELDS, field);
    draft.toolChoice = { name: readName(choice.name, `${field}.name`) };
  } else if (type === 'allowed_tools') {
    refuseUnknown(choice, ALLOWED_FIELDS, field);
    draft.toolChoice = readChoice(choice.mode, `${field}.mode`, ['auto', 'required']);
    draft.allowedTools = new Set(readAllowed(choice.tools, `${field}.tools`));
  } else {
    throw notOwn(type, field);
  }
}

function readAllowed(value: JsonValue | undefined, field: string): readonly string[] {
  return readObjects(value, field, { min: 1, max: DECLARED_MAX }, (tool, place) => {
    readChoice(tool.type, `${place}.type`, ['function', 'custom']);
    return readName(tool.name, `${place}.name`);
  });
}
