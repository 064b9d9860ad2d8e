/** What stands in the fenced blocks of a language in a Markdown text. */
export function codeBlocks(markdown: string, language: string): readonly string[] {
  const fenced = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...markdown.matchAll(fenced)].map(([, code = '']) => code);
}
