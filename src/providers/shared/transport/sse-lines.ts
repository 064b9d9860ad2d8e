/** Cuts a body into lines at any of the three line ends, whatever the chunks; `rest` is what has no end yet. */
export function createLineSplitter() {
  const decoder = new TextDecoder();
  let rest = '';
  return {
    push(chunk: Uint8Array): readonly string[] {
      rest += decoder.decode(chunk, { stream: true });
      // A carriage return at the end may be the first half of a line end. Most servers send none at all.
      const lines = rest.includes('\r') ? rest.split(/\r\n|\n|\r(?!$)/) : rest.split('\n');
      rest = lines.pop() ?? '';
      return lines;
    },
    end(): readonly string[] {
      return (rest + decoder.decode()).split('\r').filter((line) => line !== '');
    },
  };
}
