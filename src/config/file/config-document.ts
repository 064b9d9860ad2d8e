import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { GatewayError } from '../../core/errors.ts';
import { isJsonObject, type JsonValue } from '../../core/json/json.ts';

export type ConfigPath = readonly (string | number)[];

/** A parsed configuration file that still knows where each part stands. */
export interface ConfigDocument {
  /** As messages name the file. */
  readonly name: string;
  readonly value: JsonValue;
  /** Keys that stand twice in one object, and keys that could reach into JavaScript's own objects. */
  readonly badKeys: readonly { readonly path: ConfigPath; readonly message: string; readonly offset: number }[];
  /** Where a value (or its key) begins; the nearest part around it when it does not exist. */
  offsetOf(path: ConfigPath, at: 'key' | 'value'): number;
  /** `12:5`, counted from one. */
  position(offset: number): string;
}

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** Reads JSON with comments and trailing commas. Throws `config_invalid` with the place of a syntax error. */
export function parseConfigDocument(name: string, text: string): ConfigDocument {
  const position = (offset: number): string => lineAndColumn(text, offset);
  const errors: ParseError[] = [];
  const root = parseOrRefuse(name, text, errors);
  const [error] = errors;
  if (error || !root) {
    const offset = error?.offset ?? 0;
    const isEmpty = !root && offset === text.length;
    const what = isEmpty ? 'the file is empty; {} is the least there can be' : wordsOf(error);
    throw new GatewayError('config_invalid', `${name}:${position(offset)}: ${what}.`);
  }
  const tooDeep = offsetBeyond(root, LEVELS_MAX);
  if (tooDeep !== undefined) throw nestedTooDeep(`${name}:${position(tooDeep)}`);
  const badKeys: { path: ConfigPath; message: string; offset: number }[] = [];
  const value = toValue(root, [], (path, message, offset) => badKeys.push({ path, message, offset }));
  return {
    name,
    value,
    badKeys,
    offsetOf: (path, at) => offsetIn(root, path, at),
    position,
  };
}

function wordsOf(error: ParseError | undefined): string {
  return (error && SYNTAX[printParseErrorCode(error.error)]) ?? 'this is not valid JSON';
}

const SYNTAX: Readonly<Record<string, string>> = {
  InvalidSymbol: 'this word is neither a text in double quotes nor a number, true, false or null',
  InvalidNumberFormat: 'this number is malformed',
  PropertyNameExpected: 'a key in double quotes is expected here',
  ValueExpected: 'a value is expected here',
  ColonExpected: 'a colon is expected here',
  CommaExpected: 'a comma is missing before this',
  CloseBraceExpected: 'a closing brace is missing',
  CloseBracketExpected: 'a closing bracket is missing',
  EndOfFileExpected: 'the file goes on after its end',
  InvalidCommentToken: 'this is not a comment',
  UnexpectedEndOfComment: 'this comment is never closed',
  UnexpectedEndOfString: 'this text is never closed by a double quote on its line',
  UnexpectedEndOfNumber: 'this number breaks off',
  InvalidUnicode: 'this \\u escape is malformed',
  InvalidEscapeCharacter: 'this text holds an unknown escape; write a backslash twice',
  InvalidCharacter: 'this text holds a control character; write it as an escape',
};

function parseOrRefuse(name: string, text: string, errors: ParseError[]): Node | undefined {
  try {
    return parseTree(text, errors, { allowTrailingComma: true });
  } catch (cause) {
    // The parser recurses: a few thousand brackets exhaust the stack.
    throw nestedTooDeep(name, cause);
  }
}

function nestedTooDeep(place: string, cause?: unknown): GatewayError {
  return new GatewayError('config_invalid', `${place}: the file is nested too deeply to be a configuration.`, {
    cause,
  });
}

/** Whoever reads a value recurses, some with several calls a level. An object has two, its own and its keys'. */
const LEVELS_MAX = 200;

/** Where the first part begins that lies further inside. */
function offsetBeyond(node: Node, levels: number): number | undefined {
  if (levels === 0) return node.offset;
  for (const child of node.children ?? []) {
    const offset = offsetBeyond(child, levels - 1);
    if (offset !== undefined) return offset;
  }
  return undefined;
}

/** Plain values, without the bad keys; of a key that stands twice the last counts. */
function toValue(
  node: Node,
  path: ConfigPath,
  report: (path: ConfigPath, message: string, offset: number) => void,
): JsonValue {
  if (node.type === 'array')
    return (node.children ?? []).map((child, index) => toValue(child, [...path, index], report));
  if (node.type !== 'object') return node.value as JsonValue;
  const entries = new Map<string, JsonValue>();
  for (const property of node.children ?? []) {
    const [keyNode, valueNode] = property.children ?? [];
    if (!keyNode || !valueNode) continue;
    const key = String(keyNode.value);
    const keyPath = [...path, key];
    if (FORBIDDEN_KEYS.has(key)) {
      report(keyPath, 'this key is not allowed anywhere', keyNode.offset);
      continue;
    }
    if (entries.has(key)) report(keyPath, 'this key stands twice in the same object', keyNode.offset);
    entries.set(key, toValue(valueNode, keyPath, report));
  }
  return Object.fromEntries(entries);
}

function offsetIn(root: Node, path: ConfigPath, at: 'key' | 'value'): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (!node) continue;
    const key = node.parent?.type === 'property' ? node.parent.children?.[0] : undefined;
    return (at === 'key' && length === path.length && key ? key : node).offset;
  }
  return root.offset;
}

function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return `${line}:${offset - (before.lastIndexOf('\n') + 1) + 1}`;
}

/** What stands at a place; undefined when nothing does. */
export function valueAt(config: JsonValue, path: ConfigPath): JsonValue | undefined {
  let value: JsonValue | undefined = config;
  for (const step of path) {
    if (Array.isArray(value)) value = value[Number(step)];
    else value = isJsonObject(value) ? value[String(step)] : undefined;
  }
  return value;
}
