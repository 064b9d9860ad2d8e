import type { JsonObject, JsonValue } from '../../../core/json/json.ts';
import type { UnsupportedParameters } from '../../../core/parameters.ts';
import { invalidField, readBoolean, readChoice, readNumber, readObject, readText } from '../../request/read-value.ts';
import { fieldsLeftOut } from '../../request/unknown-fields.ts';
import type { RequestDraft } from './request-draft.ts';

/** What becomes of a field, for the reader of `docs/http-api.md`. */
type Treatment = 'used' | 'accepted' | 'by policy' | 'refused';

/** One field of a request, as a line of `docs/http-api.md`. */
export type FieldNote = { readonly treatment: Treatment; readonly note: string };

/** What becomes of a field, and how it is read. */
export type FieldRule<Draft = RequestDraft> = FieldNote & {
  /** Checks the value and keeps it in the draft. Throws `invalid_request` naming `field`. */
  readonly read: (value: JsonValue, field: string, draft: Draft) => void;
};

const HINT_CHARACTERS_MAX = 1_024;

/** Reads every field of a body into the draft. One without a rule is unknown (see `fieldsLeftOut`); `null` counts as absent. */
export function readFields<Draft extends RequestDraft>(
  body: JsonObject,
  rules: ReadonlyMap<string, FieldRule<Draft>>,
  draft: Draft,
  policy: UnsupportedParameters,
): Draft {
  for (const field of fieldsLeftOut(body, rules, policy)) addUnsupported(draft, field);
  const given: (() => void)[] = [];
  for (const field of Object.keys(body)) {
    const value = body[field];
    const rule = rules.get(field);
    if (value === null || value === undefined || !rule) continue;
    // A field that cannot be had explains the others: an input that goes on from a stored answer looks broken without it.
    if (rule.treatment === 'refused') rule.read(value, field, draft);
    else given.push(() => rule.read(value, field, draft));
  }
  for (const read of given) read();
  return draft;
}

export function used<Draft>(note: string, read: FieldRule<Draft>['read']): FieldRule<Draft> {
  return { treatment: 'used', note, read };
}

export function accepted(note: string, read: FieldRule['read']): FieldRule {
  return { treatment: 'accepted', note, read };
}

/** A short text of the caller that changes no answer. */
export function acceptedHint(note: string): FieldRule {
  return accepted(note, (value, field) => {
    if (readText(value, field).length > HINT_CHARACTERS_MAX) {
      throw invalidField(field, `must have at most ${HINT_CHARACTERS_MAX} characters`);
    }
  });
}

export function refused(note: string): FieldRule {
  return {
    treatment: 'refused',
    note,
    read: (_value, field) => {
      throw invalidField(field, 'is not supported', note.replaceAll('`', '"'));
    },
  };
}

/** A field of which only the value that changes nothing is taken. */
export function only<Draft>(harmless: false | 0, why: string, onTaken?: (draft: Draft) => void): FieldRule<Draft> {
  return {
    treatment: 'refused',
    note: `Only \`${harmless}\`. ${why}`,
    read: (value, field, draft) => {
      if (value !== harmless) throw invalidField(field, `must be ${harmless} or left out`, why);
      onTaken?.(draft);
    },
  };
}

type IsWish = (value: JsonValue, field: string) => boolean;

/** A wish no model here is told of: refused, or left out and said so, as the policy is. */
export function byPolicy(note: string, isWish: IsWish): FieldRule {
  return {
    treatment: 'by policy',
    note,
    read: (value, field, draft) => {
      if (isWish(value, field)) addUnsupported(draft, field);
    },
  };
}

/** One of these values, of which some wish for nothing. */
export function choiceBeside(harmless: readonly string[], wishes: readonly string[]): IsWish {
  const values = [...harmless, ...wishes];
  return (value, field) => !harmless.includes(readChoice(value, field, values));
}

/** Remembers a wish no model here is told of. */
export function addUnsupported(draft: RequestDraft, field: string): void {
  draft.unsupported = [...(draft.unsupported ?? []), field];
}

export const MODEL = used<RequestDraft>(
  '`auto`, `auto:<strategy>`, `tier:<tier>`, `provider/model` or a bare known id.',
  (value, field, draft) => {
    draft.modelName = readText(value, field);
  },
);

export const TEMPERATURE = used<RequestDraft>('0 to 2.', (value, field, draft) => {
  draft.temperature = readNumber(value, field, { min: 0, max: 2 });
});

export const TOP_P = used<RequestDraft>('From 0 to 1.', (value, field, draft) => {
  draft.topP = readNumber(value, field, { min: 0, max: 1 });
});

export const PARALLEL_TOOL_CALLS = used<RequestDraft>('false: at most one call an answer.', (value, field, draft) => {
  if (!readBoolean(value, field)) draft.parallelToolCalls = false;
});

export const SERVICE_TIER = byPolicy(
  '`auto` and `default` are accepted.',
  choiceBeside(['auto', 'default'], ['flex', 'scale', 'priority', 'fast', 'ultrafast']),
);

/** Who warms the cache of OpenAI wants no answer: one would be paid for, and thrown away. */
export const PROMPT_CACHE_OPTIONS = accepted(
  'Not passed on; it changes no answer. `prewarm`, which asks for none, may be false.',
  (value, field) => {
    const { prewarm } = readObject(value, field);
    if (prewarm != null && readBoolean(prewarm, `${field}.prewarm`)) {
      throw invalidField(
        `${field}.prewarm`,
        'must be false or left out',
        'Every request here is answered, and paid for.',
      );
    }
  },
);

export function readStream(value: JsonValue, field: string, draft: RequestDraft): void {
  draft.stream = readBoolean(value, field);
}

/** Padding against eavesdroppers who measure chunks: clients may decline it, nobody here adds it. */
export function refuseObfuscation({ include_obfuscation: wanted }: JsonObject, field: string): void {
  const place = `${field}.include_obfuscation`;
  if (wanted != null && readBoolean(wanted, place)) {
    throw invalidField(place, 'is not supported', 'Leave it out or set it to false.');
  }
}
