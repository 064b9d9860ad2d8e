import type { Evidence } from '../core/route-plan.ts';
import type { FeatureName } from './complexity/request-features.ts';

/** What a person reads of a feature; those of the lexicon are followed by the words that were found. */
const PLAIN_NAMES = {
  smallTalk: 'small talk',
  words: 'length',
  longWords: 'long words',
  task: 'task',
  depth: 'depth',
  scale: 'scale',
  subject: 'subject',
  ease: 'an easy ask',
  how: 'the word "how"',
  why: 'the word "why"',
  lookup: 'a fact to look up',
  furtherQuestions: 'several questions',
  constraints: 'constraints',
  listItems: 'a list',
  code: 'code',
  json: 'JSON',
  log: 'log lines',
  table: 'a table',
  math: 'mathematics',
  previousAsk: 'what was asked before',
  earlierTurns: 'earlier turns',
  earlierToolResults: 'earlier tool results',
  images: 'images or PDFs',
  tools: 'tools',
  unsure: 'nothing known in it, so one tier up',
  learntHere: 'what was learnt here',
} as const satisfies Record<FeatureName | 'smallTalk' | 'unsure' | 'learntHere', string>;

const NAMES: ReadonlyMap<string, string> = new Map(Object.entries(PLAIN_NAMES));
/** Of 1 point, about a quarter of which parts two tiers; less than this moved nothing. */
const WEIGHT_MIN = 0.025;
const SHOWN_MAX = 4;

/** What mattered for the tier, in plain words, strongest first: `task "explain", the word "how"`. */
export function describeEvidence(evidence: readonly Evidence[]): string {
  let text = '';
  let shown = 0;
  for (const { feature, value, weight } of evidence) {
    // What every request starts with says nothing.
    if (feature === 'base' || (feature !== 'unsure' && Math.abs(weight) < WEIGHT_MIN)) continue;
    // The features of the learnt model are named for people already.
    const name = NAMES.get(feature) ?? feature;
    if (shown > 0) text += ', ';
    text += typeof value === 'string' && feature !== 'unsure' ? `${name} "${value}"` : name;
    shown += 1;
    if (shown === SHOWN_MAX) break;
  }
  return text || 'nothing hard in it';
}
