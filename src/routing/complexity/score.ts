import { FEATURE_NAMES, type FeatureName, type RequestFeatures } from './request-features.ts';
import { round } from './round.ts';
import { BASE, type TellEvidence } from './strongest-evidence.ts';

/** What every request that is not small talk starts with, in points. */
const BASE_POINTS = 0.12;
/** Ease only lightens; a real question stays one. */
const POINTS_MIN = 0.1;

type Values = RequestFeatures['values'];

/** Points by feature; what is not there earns nothing. The lexicon's features are points already. */
const POINTS = {
  words: ({ words }) => Math.min(0.34, 0.06 * Math.log2(1 + Math.max(0, words - 4) / 6)),
  longWords: ({ longWords }) => Math.min(0.08, 0.02 * longWords),
  task: ({ task }) => Math.min(0.75, task),
  depth: ({ depth }) => Math.min(0.6, depth),
  scale: ({ scale }) => Math.min(0.6, scale),
  subject: ({ subject }) => Math.min(0.24, subject),
  ease: ({ ease }) => -ease,
  how: ({ how }) => 0.1 * how,
  why: ({ why }) => 0.18 * why,
  lookup: ({ lookup }) => -0.1 * lookup,
  furtherQuestions: ({ furtherQuestions }) => Math.min(0.2, 0.06 * furtherQuestions),
  constraints: ({ constraints }) => Math.min(0.24, 0.05 * constraints),
  listItems: ({ listItems }) => Math.min(0.2, 0.03 * listItems),
  code: ({ code }) => 0.2 * code,
  json: ({ json }) => 0.1 * json,
  log: ({ log }) => 0.16 * log,
  table: ({ table }) => 0.12 * table,
  math: ({ math }) => 0.12 * math,
  previousAsk: ({ previousAsk }) => 0.7 * Math.max(0, previousAsk - BASE_POINTS),
  earlierTurns: ({ earlierTurns }) => Math.min(0.1, 0.02 * earlierTurns),
  earlierToolResults: ({ earlierToolResults }) => Math.min(0.12, 0.03 * earlierToolResults),
  images: ({ images }) => (images > 0 ? Math.min(0.26, 0.14 + 0.04 * images) : 0),
  tools: ({ tools }) => (tools > 0 ? 0.05 : 0),
} as const satisfies Record<FeatureName, (values: Values) => number>;

/** The same to go through: that looks nothing up by name. */
const RULES = FEATURE_NAMES.map((feature) => ({ feature, pointsOf: POINTS[feature] }));

const CONTEXT: ReadonlySet<string> = new Set([
  'earlierTurns',
  'earlierToolResults',
  'images',
  'tools',
] as const satisfies readonly FeatureName[]);
const CONTEXT_RULES = RULES.filter(({ feature }) => isContext(feature));

/** The sum of all points; unbounded, for a follow-up to inherit from. */
export function sumPoints(values: Values): number {
  let points = BASE_POINTS;
  for (const { pointsOf } of RULES) points += pointsOf(values);
  return Math.max(POINTS_MIN, points);
}

/** Is the feature about the conversation around the turn? */
export function isContext(feature: string): boolean {
  return CONTEXT.has(feature);
}

/** Of that, what the conversation around the turn adds. */
export function sumContextPoints(values: Values): number {
  let points = 0;
  for (const { pointsOf } of CONTEXT_RULES) points += pointsOf(values);
  return points;
}

/** The score, 0 to 1: one minus e to the power of minus the points. Tells the points of each feature. */
export function scoreFeatures({ values, shown }: RequestFeatures, tell?: TellEvidence): number {
  let points = BASE_POINTS;
  tell?.(BASE, 1, BASE_POINTS);
  for (const { feature, pointsOf } of RULES) {
    const earned = pointsOf(values);
    if (earned === 0) continue;
    points += earned;
    tell?.(feature, shown[feature] || values[feature], round(earned));
  }
  return round(1 - Math.exp(-Math.max(POINTS_MIN, points)));
}
