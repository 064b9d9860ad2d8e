import type { OutcomeSource } from '../../core/ports.ts';
import type { PromptFeatures } from '../complexity/extract-features.ts';
import { routeScore } from '../complexity/prior.ts';
import { logistic } from '../logistic.ts';
import { readSiteInputs, SITE_COLUMNS, type SiteInputs } from './site-inputs.ts';
import { clampLogit, learnLine, logitOf, NEW_LINE, type SiteLine } from './site-line.ts';

/** What one answer of a cheap model taught. */
export type SiteOutcome = {
  readonly features: PromptFeatures;
  /** From 0 (the cheap model was right) to 1 (wrong, and a stronger one was needed); one half says nothing. */
  readonly failure: number;
  /** How sure that is, 0 to 1. */
  readonly weight: number;
  readonly source: OutcomeSource | 'feedback';
};

/**
 * What a site has learnt: a Bayesian logistic regression over the shipped score, every weight a
 * normal distribution of its own that begins at 0, the shipped score. Immutable.
 */
export type SiteModel = {
  /** Outcomes so far. */
  readonly labels: number;
  /** When the last came, in milliseconds since 1970. */
  readonly learntAtMs: number;
  /** The logit of failure here by the shipped score alone. */
  readonly line: SiteLine;
  /** By column of `readSiteInputs`. */
  readonly means: Float32Array;
  readonly precisions: Float32Array;
  /**
   * How predictions before learning went, the latest counting most: the sum of what the site added
   * times what the shipped score had missed, and the sum of its squares.
   */
  readonly hits: number;
  readonly hitSquares: number;
};

const PRECISION = 1;
/** Half of what was learnt is forgotten after so many labels, or so much time. */
const HALF_LIFE_LABELS = 700;
const HALF_LIFE_MS = 60 * 86_400_000;
/** The last few hundred predictions decide whether the site is trusted. */
const HITS_KEPT = 0.995;
/** So many standard errors are trusted by half, and so many more multiply the odds by e. */
const ERRORS_HALF = 0.5;
const ERRORS_STEP = 0.5;
/** An answer that was not the JSON asked for tells of the form more than of the difficulty. */
const TRUST: Readonly<Record<SiteOutcome['source'], number>> = {
  feedback: 1,
  verification: 1,
  escalation: 1,
  fallback: 0.5,
};

/** Nothing learnt: every shift is 0. */
export function newSite(): SiteModel {
  return {
    labels: 0,
    learntAtMs: 0,
    line: NEW_LINE,
    means: new Float32Array(SITE_COLUMNS),
    precisions: new Float32Array(SITE_COLUMNS).fill(PRECISION),
    hits: 0,
    hitSquares: 0,
  };
}

/**
 * The site after one more outcome. First both, the site and the shipped score, predict it, and who
 * did better gains trust; then the site learns, by one step of assumed-density filtering; what it
 * knew fades towards the shipped score. What is no outcome changes nothing.
 *
 * @param nowMs Milliseconds since 1970; a clock that went back counts as no time.
 */
export function learn(site: SiteModel, outcome: SiteOutcome, nowMs: number): SiteModel {
  const { features, failure, source } = outcome;
  const weight = Math.min(1, outcome.weight) * TRUST[source];
  if (!(failure >= 0 && failure <= 1 && weight > 0)) return site;
  const kept = keptShare(site, nowMs);
  const inputs = readSiteInputs(features);
  const route = routeScore(features);
  const shipped = logitOf(site.line, route);
  const { mean, variance } = predict(site, inputs);
  const bySite = moderate(shipped + mean, variance);
  const hit = weight * moderate(mean, variance) * (failure - logistic(shipped));
  const means = new Float32Array(SITE_COLUMNS);
  const precisions = new Float32Array(SITE_COLUMNS);
  for (let at = 0; at < SITE_COLUMNS; at += 1) {
    const precision = PRECISION + kept * ((site.precisions[at] as number) - PRECISION);
    means[at] = (kept * (site.precisions[at] as number) * (site.means[at] as number)) / precision;
    precisions[at] = precision;
  }
  const error = weight * (failure - logistic(bySite));
  const bend = weight * logistic(bySite) * (1 - logistic(bySite));
  for (let at = 0; at < inputs.columns.length; at += 1) {
    const column = inputs.columns[at] as number;
    const value = inputs.values[at] as number;
    precisions[column] = (precisions[column] as number) + bend * value * value;
    means[column] = (means[column] as number) + (error * value) / (precisions[column] as number);
  }
  return {
    labels: site.labels + 1,
    learntAtMs: Math.max(site.learntAtMs, nowMs),
    line: learnLine(site.line, { route, failure, weight, kept }),
    means,
    precisions,
    hits: HITS_KEPT * site.hits + hit,
    hitSquares: HITS_KEPT ** 2 * site.hitSquares + hit * hit,
  };
}

/**
 * What the site adds to the logit of "the cheap model fails", against other prompts: 0 where it
 * knows nothing of the prompt, and while its predictions are worse than the shipped score's. The
 * general level is left out: who reports only failures would send everything up.
 */
export function siteShift(site: SiteModel, features: PromptFeatures): number {
  if (site.labels === 0) return 0;
  const { mean, variance } = predict(site, readSiteInputs(features));
  return trustOf(site) * moderate(mean, variance);
}

/**
 * The share of the site in the decision, 0 to 1: by how many standard errors what it added agrees
 * with what the shipped score missed. Labels that mean nothing give about 0 of them.
 */
export function trustOf({ hits, hitSquares }: SiteModel): number {
  const errors = hitSquares > 0 ? hits / Math.sqrt(hitSquares) : 0;
  return logistic((errors - ERRORS_HALF) / ERRORS_STEP);
}

function keptShare(site: SiteModel, nowMs: number): number {
  const elapsedMs = site.labels === 0 ? 0 : Math.max(0, nowMs - site.learntAtMs);
  return 0.5 ** (1 / HALF_LIFE_LABELS + (Number.isFinite(elapsedMs) ? elapsedMs : 0) / HALF_LIFE_MS);
}

function predict(
  { means, precisions }: SiteModel,
  { columns, values }: SiteInputs,
): { mean: number; variance: number } {
  let mean = 0;
  let variance = 0;
  for (let at = 0; at < columns.length; at += 1) {
    const column = columns[at] as number;
    const value = values[at] as number;
    mean += value * (means[column] as number);
    variance += (value * value) / (precisions[column] as number);
  }
  return { mean, variance };
}

/** The logit of the mean probability of a logit that is not sure (MacKay 1992). */
function moderate(logit: number, variance: number): number {
  return clampLogit(logit / Math.sqrt(1 + (Math.PI / 8) * variance));
}
