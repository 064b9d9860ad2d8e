import { TextJoiner } from '../../../core/content/text-joiner.ts';

/** Cuts a body into lines at any of the three line ends, whatever the chunks; no text is looked through twice. */
export function createLineSplitter() {
  const decoder = new TextDecoder();
  /** What has no end yet. */
  let rest = new TextJoiner();
  /** A carriage return at the end may be the first half of a line end. */
  let held = '';
  return {
    push(chunk: Uint8Array): readonly string[] {
      const text = held + decoder.decode(chunk, { stream: true });
      held = text.endsWith('\r') ? '\r' : '';
      const known = held === '' ? text : text.slice(0, -1);
      // Most servers send no carriage return at all.
      const [first = '', ...lines] = known.includes('\r') ? known.split(/\r\n|\n|\r/) : known.split('\n');
      rest.add(first);
      const last = lines.pop();
      if (last === undefined) return [];
      const begun = rest.toString();
      rest = new TextJoiner();
      rest.add(last);
      return [begun, ...lines];
    },
    end(): readonly string[] {
      return (rest.toString() + held + decoder.decode()).split('\r').filter((line) => line !== '');
    },
  };
}
