/** Features that say nearly the same are shown to people as one, by the name of the first. */
const GROUPS: readonly (readonly string[])[] = [
  [
    'length',
    'length with options',
    'words',
    'sentences',
    'distinct words',
    'syllables',
    'before the last sentence',
    'last sentence',
    'repeated words',
  ],
  ['long sentences', 'words a sentence', 'longest sentence'],
  ['long words', 'mean word length', 'share of long words', 'very long words', 'longest word', 'syllables a word'],
  ['rare words', 'share of rare words', 'distinct rare words'],
  ['other scripts', 'ideographs', 'words of other scripts'],
  [
    'numbers',
    'share of numbers',
    'decimals',
    'large numbers',
    'years',
    'longest number',
    'distinct numbers',
    'sentences with numbers',
    'percentages',
    'money',
  ],
  [
    'punctuation',
    'marks',
    'share of marks',
    'commas',
    'colons',
    'brackets',
    'quotation marks',
    'dashes',
    'question marks',
  ],
  ['formulas', 'operators', 'equations', 'LaTeX', 'mathematical marks'],
  [
    'options',
    'has options',
    'option length',
    'longest option',
    'numeric options',
    'options without numbers',
    'words shared by options',
  ],
  ['question word', 'what', 'which', 'who', 'when or where', 'why', 'how'],
  ['grammar', 'auxiliary verbs', 'people'],
];

const groupOfFeature = new Map(
  GROUPS.flatMap((group) => group.map((feature) => [feature, group[0] as string] as const)),
);

/** The name under which a surface feature is shown. */
export function evidenceGroup(feature: string): string {
  return groupOfFeature.get(feature) ?? feature;
}
