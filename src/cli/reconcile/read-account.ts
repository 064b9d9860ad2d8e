import { readFile, stat } from 'node:fs/promises';
import type { AccountLine } from '../../core/account.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json/json.ts';
import { nanoUsdFromUsd, type SignedNanoUsd, signedNanoUsd } from '../../core/money.ts';
import { usageError } from '../output/failure.ts';
import { parseCsv } from './parse-csv.ts';

const FILE_BYTES_MAX = 256_000_000;

/** The names that vendors, and our own export, have for the same thing; the first that is there counts. */
const NAMES = {
  requestId: ['provider_request_id', 'request_id', 'generation_id', 'response_id'],
  model: ['model', 'model_name', 'model_id', 'model_version'],
  time: ['started_at', 'timestamp', 'time', 'date', 'day', 'created_at', 'created', 'start_time', 'starting_at'],
  input: ['input_tokens', 'prompt_tokens', 'native_tokens_prompt'],
  output: ['output_tokens', 'completion_tokens', 'native_tokens_completion'],
  costNanoUsd: ['cost_nano_usd'],
  costUsd: ['cost_usd', 'amount_usd', 'total_cost', 'cost', 'amount'],
} as const;
/** Anthropic's usage report names the parts of the input and no sum. */
const INPUT_PARTS = ['uncached_input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'];

export type AccountFile = { readonly path: string; readonly provider: string };

type Reader = (names: readonly string[]) => string | number | undefined;
type Entry = { readonly read: Reader; readonly where: string };

/**
 * The lines of a provider's account: CSV, JSON or JSON lines, of requests or of sums. Throws `invalid_request` that
 * names the line for what cannot be read.
 */
export async function readAccount(file: AccountFile): Promise<readonly AccountLine[]> {
  // A time without a zone is one of UTC, as in all reports: JavaScript takes most of them for the time here.
  process.env.TZ = 'UTC';
  const text = await readText(file.path);
  const entries = /^\s*[[{]/.test(text) ? readJson(text, file) : readCsv(text, file);
  const used = entries.filter(({ read }) => isUsageOf(file.provider, read));
  if (used.length === 0) throw usageError(`${file.path} holds no line of usage.`, HINT);
  const lines = used.map(toLine);
  const isWhole = lines.every(({ requestId }) => requestId !== undefined);
  // Of a call that was left early the provider's id may not have come: our own export is then compared by sums.
  return isWhole || !used.some(({ read }) => isOwn(read)) ? lines : lines.map(({ requestId: _id, ...line }) => line);
}

const HINT =
  'It takes CSV with a line of names, JSON or JSON lines with: model, input_tokens, output_tokens, cost_usd, request_id, started_at.';

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > FILE_BYTES_MAX) {
      throw usageError(`${path} is larger than ${FILE_BYTES_MAX / 1_000_000} MB.`, 'Export a shorter time.');
    }
    // Takes a byte order mark off.
    return new TextDecoder().decode(await readFile(path));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error;
    throw usageError(`${path} cannot be read (${String(error.code)}).`, 'Name a file that is there and is readable.');
  }
}

function readCsv(text: string, { path }: AccountFile): readonly Entry[] {
  let rows: ReturnType<typeof parseCsv>;
  try {
    rows = parseCsv(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw usageError(`${path} is not CSV: ${error.message}.`, HINT);
  }
  return (
    rows
      // A spreadsheet's sum at the end names no model.
      .filter(({ fields }) => !/^(total|sum)s?$/i.test([...fields.values()][0] ?? ''))
      .map(({ number, fields }) => ({
        read: (names) => names.map((name) => fields.get(name)).find((value) => value !== undefined && value !== ''),
        where: `Line ${number} of ${path}`,
      }))
  );
}

function readJson(text: string, { path }: AccountFile): readonly Entry[] {
  return objectsIn(text, path).map((value, index) => ({
    read: (names) => names.map((name) => plain(value[name])).find((field) => field !== undefined),
    where: `Entry ${index + 1} of ${path}`,
  }));
}

function plain(value: JsonValue | undefined): string | number | undefined {
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? value : undefined;
}

/** A list, a list under `data` or `rows`, with the `results` of each part of time, or an object a line. */
function objectsIn(text: string, path: string): readonly JsonObject[] {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    value = text.split('\n').flatMap((line, index): JsonValue[] => {
      if (line.trim() === '') return [];
      try {
        return [JSON.parse(line) as JsonValue];
      } catch {
        throw usageError(`Line ${index + 1} of ${path} is not JSON.`, HINT);
      }
    });
  }
  const list = isJsonObject(value) ? (value.data ?? value.rows ?? [value]) : value;
  if (!isList(list)) throw usageError(`${path} holds no list of objects.`, HINT);
  const objects = list.filter(isJsonObject);
  if (objects.length < list.length) throw usageError(`${path} holds something else than objects.`, HINT);
  return objects.flatMap((entry): readonly JsonObject[] => {
    const { results, ...time } = entry;
    return isList(results) ? results.filter(isJsonObject).map((result) => ({ ...time, ...result })) : [entry];
  });
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/**
 * Accounts of resellers, and our own export, have lines of others; ours has lines of requests as well, which cost
 * nothing, and attempts that nobody bills or that have not ended.
 */
function isUsageOf(provider: string, read: Reader): boolean {
  if ((read(['provider']) ?? provider) !== provider) return false;
  if (!isOwn(read)) return true;
  return read(['record']) === 'attempt' && read(['status']) !== 'failed_unbilled' && read(['status']) !== 'pending';
}

/** Is it a line of our own export, whose `request_id` is not the provider's? */
function isOwn(read: Reader): boolean {
  return read(['record']) !== undefined;
}

function toLine({ read, where }: Entry): AccountLine {
  const model = read(NAMES.model);
  if (typeof model !== 'string') throw usageError(`${where} names no model.`, HINT);
  const requestId = read(isOwn(read) ? ['provider_request_id'] : NAMES.requestId);
  const [input, output] = [countOf(read(NAMES.input), where), countOf(read(NAMES.output), where)];
  const parts = INPUT_PARTS.flatMap((name) => countOf(read([name]), where) ?? []);
  const inputTokens = input ?? (parts.length > 0 ? parts.reduce((sum, part) => sum + part, 0) : undefined);
  const costNanoUsd = costOf(read, where);
  if (inputTokens === undefined && output === undefined && costNanoUsd === undefined) {
    throw usageError(`${where} has neither tokens nor a cost.`, HINT);
  }
  const atMs = timeOf(read(NAMES.time), where);
  return {
    model,
    ...(requestId !== undefined && { requestId: String(requestId) }),
    ...(atMs !== undefined && { atMs }),
    ...(inputTokens !== undefined && { inputTokens }),
    ...(output !== undefined && { outputTokens: output }),
    ...(costNanoUsd !== undefined && { costNanoUsd }),
  };
}

function countOf(value: string | number | undefined, where: string): number | undefined {
  if (value === undefined) return undefined;
  const count = Number(value);
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw usageError(`${where} has "${value}" where a number of tokens should stand.`, HINT);
}

/** Up to a little more nano-dollars are exact. */
const COST_USD_MAX = 9_000_000;

/** Exact: dollars are read as decimals. A credit is below 0. */
function costOf(read: Reader, where: string): SignedNanoUsd | undefined {
  const nano = read(NAMES.costNanoUsd);
  const value = nano ?? read(NAMES.costUsd);
  if (value === undefined) return undefined;
  const cost = Number(String(value).replace(/^(-?)\$/, '$1'));
  const isCost = nano === undefined ? Math.abs(cost) <= COST_USD_MAX : Number.isSafeInteger(cost);
  if (!isCost) throw usageError(`${where} has "${value}" where a cost should stand.`, HINT);
  if (nano !== undefined) return signedNanoUsd(cost);
  const amount = nanoUsdFromUsd(Math.abs(cost));
  return signedNanoUsd(cost < 0 ? -amount : amount);
}

/** Beyond this a number counts milliseconds: as seconds it would be the year 5138. */
const SECONDS_MAX = 100_000_000_000;
/** The last day that JavaScript knows begins here. */
const TIME_MS_MAX = 8_640_000_000_000_000 - 86_400_000;

function timeOf(value: string | number | undefined, where: string): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  const atMs = Number.isFinite(number)
    ? Math.round(number > SECONDS_MAX ? number : number * 1_000)
    : parseTime(String(value));
  if (Math.abs(atMs) <= TIME_MS_MAX) return atMs;
  throw usageError(`${where} has "${value}" where a time should stand.`, 'Write it as 2026-11-20T10:00:00Z.');
}

/** Its name, as JavaScript and mail write it. */
const BEHIND_ZONE = /(?<=:\d\d (?:GMT)?[+-]\d{4}) \([^()]*\)$/;

/** JavaScript passes over what stands in brackets, which elsewhere may be the zone itself. */
function parseTime(text: string): number {
  const bare = text.replace(BEHIND_ZONE, '');
  return bare.includes('(') ? Number.NaN : Date.parse(bare);
}
