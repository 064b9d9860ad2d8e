import { GatewayError } from '../../core/errors.ts';
import { shorten } from '../../core/wording/describe-value.ts';
import { type ConfigDocument, type ConfigPath, valueAt } from './config-document.ts';

/** Longer lists help nobody: the first faults usually explain the rest. */
const SHOWN_MAX = 30;

/** Faults of one configuration, gathered so that all are shown at once; one for each place. */
export interface Problems {
  /** `at`: whether the key or its value is at fault. */
  add(path: ConfigPath, message: string, at?: 'key' | 'value'): void;
  /** A text as the file has it: a resolved one may hold what must not be shown. */
  written(path: ConfigPath, resolved: string): string;
  /** `mcp.config.json:12:5`, for warnings. */
  place(path: ConfigPath): string;
  /** Throws `config_invalid` when there are any: one line each, in the order of the file. */
  throwIfAny(): void;
}

export function createProblems(document: ConfigDocument): Problems {
  const found = new Map<string, { readonly line: string; readonly offset: number }>();
  const add = (path: ConfigPath, message: string, offset: number) => {
    const label = pathText(path);
    const line = `${document.name}:${document.position(offset)}${label === '' ? '' : ` ${label}`}: ${message}`;
    // What follows from a first fault in the same place is noise.
    if (!found.has(label)) found.set(label, { line, offset });
  };
  for (const { path, message, offset } of document.badKeys) add(path, message, offset);
  return {
    add: (path, message, at = 'value') => add(path, message, document.offsetOf(path, at)),
    written(path, resolved) {
      const text = valueAt(document.value, path);
      return shorten(typeof text === 'string' ? text : resolved);
    },
    place: (path) => `${document.name}:${document.position(document.offsetOf(path, 'value'))}`,
    throwIfAny() {
      if (found.size === 0) return;
      const inOrder = [...found.values()].sort((left, right) => left.offset - right.offset);
      throw configInvalid(inOrder.map(({ line }) => line));
    },
  };
}

const HINT = 'Correct the places named; `signalbox check` shows them again.';

/** One error for many lines. `hint`: what to do, where that is more than to look again. */
export function configInvalid(lines: readonly string[], hint = HINT): GatewayError {
  const more = lines.length - SHOWN_MAX;
  const shown = lines.slice(0, SHOWN_MAX);
  return new GatewayError('config_invalid', [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'), {
    hint,
  });
}

/** `providers.openai.keys[1].name`; keys that hold more than letters and digits stand in `["…"]`. */
export function pathText(path: ConfigPath): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[\w$-]+$/.test(step)) return `[${JSON.stringify(shownName(step))}]`;
      return index === 0 ? shownName(step) : `.${shownName(step)}`;
    })
    .join('');
}

/** A name out of the file as a message may show it: short, on one line. */
export function shownName(text: string): string {
  return shorten(text.replace(/\p{Cc}/gu, '?'), 80);
}

/** The end of a message about a name that is not known; empty where none is near. */
export function didYouMean(near: string | undefined): string {
  return near === undefined ? '' : `; did you mean "${shorten(near)}"?`;
}
