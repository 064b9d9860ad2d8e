/** What a model is told of a tool that it may call from here on. */
export function offerOf(toolName: string): string {
  return `The tool ${toolName} can be called now.`;
}

const OFFER_LINE = new RegExp(`^${offerOf('([\\w-]+)').replace(/\.$/, '\\.')}$`);

/** The tool that a line offers; undefined for any other line. */
export function offeredBy(line: string): string | undefined {
  return OFFER_LINE.exec(line)?.[1];
}

const OFFER = new RegExp(offerOf('([\\w-]+)').replace(/\.$/, '\\.'), 'g');

/** The same text with the tools by other names. */
export function withOffersOf(text: string, rename: (toolName: string) => string): string {
  return text.replace(OFFER, (_offer, toolName: string) => offerOf(rename(toolName)));
}
