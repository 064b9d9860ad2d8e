import { styleText } from 'node:util';

const COLOURS = { debug: 'gray', info: 'blue', warn: 'yellow', error: 'red' } as const;

/** A JSON log line as people read it: `12:03:04 warn  Provider groq rests. provider=groq untilMs=7`. */
export function toHumanLine(line: string): string {
  const { time, level, message, pid: _pid, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const colour = COLOURS[level as keyof typeof COLOURS] ?? 'gray';
  const details = Object.entries(fields).map(([name, value]) => styleText('gray', ` ${name}=${inOneLine(value)}`));
  const clock = styleText('gray', String(time).slice(11, 19));
  return `${clock} ${styleText(colour, String(level).padEnd(5))} ${String(message)}${details.join('')}\n`;
}

function inOneLine(value: unknown): string {
  if (isError(value)) return JSON.stringify(value.message);
  return typeof value === 'string' && /^[\w./:-]+$/.test(value) ? value : JSON.stringify(value);
}

/** A serialised error: people get its message, programs the stack. */
function isError(value: unknown): value is { message: string } {
  return typeof value === 'object' && value !== null && 'stack' in value && 'message' in value;
}
