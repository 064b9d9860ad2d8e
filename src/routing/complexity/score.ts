import type { Evidence } from '../../core/route-plan.ts';
import { FEATURE_NAMES, type FeatureName, type RequestFeatures } from './request-features.ts';

/** What every request that is not small talk starts with, in points. */
const BASE_POINTS = 0.12;
/** Ease only lightens; a real question stays one. */
const POINTS_MIN = 0.1;

/** Points by feature value. The lexicon's features are points already. */
const POINTS = {
  words: (count) => Math.min(0.34, 0.06 * Math.log2(1 + Math.max(0, count - 4) / 6)),
  longWords: (count) => Math.min(0.08, 0.02 * count),
  task: (points) => Math.min(0.75, points),
  depth: (points) => Math.min(0.6, points),
  scale: (points) => Math.min(0.6, points),
  subject: (points) => Math.min(0.24, points),
  ease: (points) => -points,
  how: (kind) => 0.1 * kind,
  why: (is) => 0.18 * is,
  lookup: (is) => -0.1 * is,
  furtherQuestions: (count) => Math.min(0.2, 0.06 * count),
  constraints: (count) => Math.min(0.24, 0.05 * count),
  listItems: (count) => Math.min(0.2, 0.03 * count),
  code: (is) => 0.2 * is,
  json: (is) => 0.1 * is,
  log: (is) => 0.16 * is,
  table: (is) => 0.12 * is,
  math: (is) => 0.12 * is,
  previousAsk: (points) => 0.7 * Math.max(0, points - BASE_POINTS),
  earlierTurns: (count) => Math.min(0.1, 0.02 * count),
  earlierToolResults: (count) => Math.min(0.12, 0.03 * count),
  images: (count) => (count > 0 ? Math.min(0.26, 0.14 + 0.04 * count) : 0),
  tools: (count) => (count > 0 ? 0.05 : 0),
} as const satisfies Record<FeatureName, (value: number) => number>;

const CONTEXT_NAMES = [
  'earlierTurns',
  'earlierToolResults',
  'images',
  'tools',
] as const satisfies readonly FeatureName[];

/** The sum of all points; unbounded, for a follow-up to inherit from. */
export function sumPoints(values: RequestFeatures['values']): number {
  let points = BASE_POINTS;
  for (const name of FEATURE_NAMES) points += pointsOf(name, values);
  return Math.max(POINTS_MIN, points);
}

/** Is the feature about the conversation around the turn? */
export function isContext(feature: string): boolean {
  return CONTEXT_NAMES.some((name) => name === feature);
}

/** Of that, what the conversation around the turn adds. */
export function sumContextPoints(values: RequestFeatures['values']): number {
  let points = 0;
  for (const name of CONTEXT_NAMES) points += pointsOf(name, values);
  return points;
}

/**
 * The score, 0 to 1: one minus e to the power of minus the points. The evidence gives each
 * feature's points (`weight`).
 */
export function scoreFeatures(features: RequestFeatures): {
  readonly score: number;
  readonly evidence: readonly Evidence[];
} {
  const evidence: Evidence[] = [{ feature: 'base', value: 1, weight: BASE_POINTS }];
  let points = BASE_POINTS;
  for (const name of FEATURE_NAMES) {
    const earned = pointsOf(name, features.values);
    if (earned === 0) continue;
    points += earned;
    const weight = round(earned);
    if (weight !== 0) evidence.push({ feature: name, value: shownValue(features, name), weight });
  }
  return { score: round(1 - Math.exp(-Math.max(POINTS_MIN, points))), evidence };
}

/** Whatever is not there earns nothing. */
function pointsOf(name: FeatureName, values: RequestFeatures['values']): number {
  const value = values[name];
  return value === 0 ? 0 : POINTS[name](value);
}

function shownValue({ values, shown }: RequestFeatures, name: FeatureName): number | string {
  return shown[name] || round(values[name]);
}

/** To three digits: what is shown, and stays the same on any machine. */
export function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
