/** Longer texts are read at both ends, this many characters each: what an answer comes to stands at an end. */
const END_CHARS_MAX = 16_384;

/** The text as it is checked, at most 32,769 characters. */
export function capAnswer(text: string): string {
  if (text.length <= 2 * END_CHARS_MAX) return text;
  return `${text.slice(0, END_CHARS_MAX)}\n${text.slice(-END_CHARS_MAX)}`;
}

/**
 * Without what only the eye needs: emphasis, currencies, LaTeX, calculator notes such as `<<2*3=6>>`. Every pattern
 * is bounded, so that hostile text costs no more than plain text.
 */
export function cleanText(text: string): string {
  let cleaned = text;
  if (cleaned.includes('\\')) cleaned = cleanLatex(cleaned);
  return cleaned
    .replace(/<<[^<>\n]{0,80}>>/g, '')
    .replace(/(\d) ?\*\* ?(?=\d)/g, '$1^')
    .replace(/\*\*|__|[$€£¥₹`~]/g, '');
}

function cleanLatex(text: string): string {
  return text
    .replace(/\\n(?![a-z])/g, '\n')
    .replace(/\\[dt]?frac ?\{(\d{1,12})\} ?\{(\d{1,12})\}/g, '($1/$2)')
    .replace(/\\[dt]?frac ?\{([^{}\n]{1,40})\} ?\{([^{}\n]{1,40})\}/g, '(($1)/($2))')
    .replace(/\\(?:times|cdot|ast)(?![a-z])/g, '*')
    .replace(/\\div(?![a-z])/g, '/')
    .replace(/\\(?:text|mathrm|mathbf|textbf|boxed) ?\{([^{}\n]{0,80})\}/g, ' $1 ')
    .replace(/\\(?:left|right|quad|displaystyle|,|;|!)/g, ' ')
    .replace(/\\approx(?![a-z])/g, '≈')
    .replace(/\\([*$%#_&{}"()[\]])/g, '$1');
}
