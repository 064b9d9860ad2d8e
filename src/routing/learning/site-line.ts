import { logistic } from '../logistic.ts';

/** The logit of failure as a line over the shipped score: how often the cheap model fails here, and how much the score tells. */
export type SiteLine = {
  readonly level: number;
  readonly levelPrecision: number;
  /** Logits for one unit of `routeScore`. */
  readonly slope: number;
  readonly slopePrecision: number;
  /** Of the prompts here: the level is the logit at this score. */
  readonly meanRoute: number;
};

const LEVEL_PRECISION = 0.1;
/**
 * Logits for one unit of the shipped score, as long as nothing else is known. What a site learns is
 * weighed against this, even where labels say that the score tells nothing: they may be wrong.
 */
export const LOGIT_PER_SCORE = 0.2;
/** As if so much was known of the slope already. */
const SLOPE_PRECISION = 5;
const SLOPE_BOUNDS = { min: -1, max: 2 } as const;
/** The mean follows the last hundred or so prompts. */
const MEAN_STEP_MIN = 0.01;
const LOGIT_MAX = 8;

export const NEW_LINE: SiteLine = {
  level: 0,
  levelPrecision: LEVEL_PRECISION,
  slope: LOGIT_PER_SCORE,
  slopePrecision: SLOPE_PRECISION,
  meanRoute: 0,
};

export function logitOf({ level, slope, meanRoute }: SiteLine, route: number): number {
  return level + slope * (route - meanRoute);
}

type Seen = {
  readonly route: number;
  readonly failure: number;
  readonly weight: number;
  /** The share of what was known that has not faded. */
  readonly kept: number;
};

/** One step of Bayesian logistic regression with two weights. */
export function learnLine(line: SiteLine, { route, failure, weight, kept }: Seen): SiteLine {
  const known = line.levelPrecision - LEVEL_PRECISION;
  const meanRoute = line.meanRoute + Math.max(MEAN_STEP_MIN, 1 / (2 + 4 * known)) * (route - line.meanRoute);
  const probability = logistic(logitOf(line, route));
  const bend = weight * probability * (1 - probability);
  const error = weight * (failure - probability);
  const distance = route - meanRoute;
  const levelPrecision = LEVEL_PRECISION + kept * known + bend;
  const slopePrecision = SLOPE_PRECISION + kept * (line.slopePrecision - SLOPE_PRECISION) + bend * distance ** 2;
  const slope = line.slope + (1 - kept) * (LOGIT_PER_SCORE - line.slope) + (error * distance) / slopePrecision;
  return {
    level: clampLogit(line.level + error / levelPrecision),
    levelPrecision,
    slope: Math.min(SLOPE_BOUNDS.max, Math.max(SLOPE_BOUNDS.min, slope)),
    slopePrecision,
    meanRoute,
  };
}

/** No logit is surer than this. */
export function clampLogit(logit: number): number {
  return Math.max(-LOGIT_MAX, Math.min(LOGIT_MAX, logit));
}
