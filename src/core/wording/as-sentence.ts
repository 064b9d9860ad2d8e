/** With a full stop, where it does not end as a sentence does: what providers say often does not. */
export function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
