import { isUtf8 } from 'node:buffer';
import { GatewayError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue, mayBeInexact, parseToRewrite } from '../../core/json/json.ts';
import {
  findJsonExcess,
  JSON_ALL_MEMBERS_MAX,
  JSON_MEMBERS_MAX,
  JSON_VALUES_MAX,
} from '../../core/json/json-excess.ts';
import { findStructureFault } from '../../core/json/json-structure.ts';
import { requireJson } from './content-type.ts';
import type { OpenRequest } from './open-request.ts';
import { readBody } from './read-body.ts';
import { requireSoundText } from './sound-text.ts';

/** Far deeper than any tool's schema, and shallow enough for whatever walks it. */
const DEPTH_MAX = 100;
/** A shorter body is parsed in no time, whatever it holds. */
const HARMLESS_LENGTH = 65_536;
/** Far more than a conversation, and read twice in a fifth of a second. */
const REWRITTEN_VALUES_MAX = 200_000;
const KEY_SHOWN_MAX = 60;
/** Keys that may reach a prototype. */
const FORBIDDEN: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/**
 * The body as a JSON object in which every reader reads the same. Throws `invalid_request` (a wrong
 * type of content with status 415) or `too_large`. The field `rewritten` has numbers that ours cannot hold
 * as they are written (`parseToRewrite`), unless the body is far larger than a conversation.
 */
export async function readJsonBody(open: OpenRequest, rewritten?: string): Promise<JsonObject> {
  requireJson(open.incoming.headers);
  return parseBody(await readBody(open), rewritten);
}

function parseBody(bytes: Buffer, rewritten: string | undefined): JsonObject {
  if (bytes.length === 0) throw invalid('The body is empty; send a JSON object.');
  if (!isUtf8(bytes)) throw invalid('The body is not valid UTF-8.');
  // With the byte order mark that .NET's writers and Windows' editors begin with, it would be no JSON.
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  if (text.length > HARMLESS_LENGTH) refuseExcess(text);
  const body = parseText(text);
  if (!isJsonObject(body)) throw invalid(`The body has to be a JSON object, not ${nameOf(body)}.`);
  const fault = findStructureFault(text, DEPTH_MAX, FORBIDDEN);
  if (fault?.fault === 'deep') throw tooDeep();
  if (fault) {
    const key = fault.key.slice(0, KEY_SHOWN_MAX);
    const param = /^[\w-]+$/.test(key) ? { param: key } : {};
    if (fault.fault === 'repeated') throw invalid(`The key ${JSON.stringify(key)} stands twice in one object.`, param);
    throw invalid(`The key ${JSON.stringify(key)} is not allowed.`, param);
  }
  // Only an escape can bring in what UTF-8 itself rules out.
  const mayBeUnsound = text.includes('\\u');
  if (mayBeUnsound) requireSoundText(body);
  if (rewritten === undefined) return body;
  const rewrittenField = fieldToRewrite(text, rewritten);
  if (mayBeUnsound) requireSoundText(rewrittenField);
  return { ...body, ...rewrittenField };
}

/** The field with its numbers as they are written; nothing where it holds none that ours cannot. */
function fieldToRewrite(text: string, field: string): JsonObject {
  if (!mayBeInexact(text) || findJsonExcess(text, DEPTH_MAX, REWRITTEN_VALUES_MAX)) return {};
  const { [field]: value } = parseToRewrite(text) as JsonObject;
  return value === undefined ? {} : { [field]: value };
}

function refuseExcess(text: string): void {
  const excess = findJsonExcess(text, DEPTH_MAX);
  if (excess === 'deep') throw tooDeep();
  if (excess === 'many') throw invalid(`The body holds more than ${JSON_VALUES_MAX.toLocaleString('en-US')} values.`);
  if (excess === 'wide')
    throw invalid(`The body holds an object of more than ${JSON_MEMBERS_MAX.toLocaleString('en-US')} members.`);
  if (excess === 'crowded')
    throw invalid(`The objects in the body hold more than ${JSON_ALL_MEMBERS_MAX.toLocaleString('en-US')} members.`);
}

function tooDeep(): GatewayError {
  return invalid(`The body is nested deeper than ${DEPTH_MAX} levels.`);
}

function parseText(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw invalid('The body is not valid JSON.');
  }
}

function nameOf(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

function invalid(message: string, more: { readonly param?: string } = {}): GatewayError {
  return new GatewayError('invalid_request', message, more);
}
