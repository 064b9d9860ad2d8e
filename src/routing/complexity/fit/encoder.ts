import { extractFeatures } from '../extract-features.ts';
import { seededNormal, seededUniform } from './seeded-normal.ts';
import { type SparseRow, toSparseRows } from './sparse-rows.ts';
import { buildTermTable, weighTerms } from './term-table.ts';
import { readTerms } from './terms.ts';
import { findTopics, topicsOf } from './topics.ts';

/** A prompt as the logistic heads read it. */
export type Encoded = {
  /** Surface features, topics, and waves over the topics. */
  readonly dense: Float64Array;
  readonly terms: SparseRow;
};

/** Made from the prompts alone, without their labels. */
export type Encoder = {
  readonly rows: readonly Encoded[];
  readonly termCount: number;
  readonly encode: (prompt: string) => Encoded;
};

/**
 * How much each kind of input may weigh: its squares add up to the square of this, about, and the
 * penalty on weights is the same for all. Chosen on held-out questions, see docs/complexity.md.
 */
const SHARES = { surface: 0.2, topics: 0.4, waves: 0.8 } as const;
const TOPICS_MAX = 40;
/** A topic needs this many prompts. */
const PROMPTS_PER_TOPIC = 30;
const WAVES = 300;
/** The smaller, the smoother what can be learnt over the topics. */
const WAVE_FREQUENCY = 0.75;
const STANDARD_MAX = 6;
const SPREAD_MIN = 1e-6;

/** Learns from prompts how to turn prompts into numbers. */
export function buildEncoder(prompts: readonly string[]): Encoder {
  const termsOfPrompts = prompts.map(readTerms);
  const table = buildTermTable(termsOfPrompts);
  const terms = termsOfPrompts.map((of) => weighTerms(of, table));
  const topicCount = Math.min(TOPICS_MAX, Math.floor(prompts.length / PROMPTS_PER_TOPIC));
  const topics = findTopics(toSparseRows(terms, table.weights.length), table.prompts, topicCount);
  const surfaces = prompts.map((prompt) => extractFeatures(prompt).surface);
  const standardise = learnStandard(surfaces);
  const wave = drawWaves(topics.directions.length);
  const toDense = (surface: Float64Array, ofTerms: SparseRow): Float64Array => {
    const about = topicsOf(ofTerms, topics);
    return Float64Array.from([
      ...standardise(surface).map((value) => (value * SHARES.surface) / Math.sqrt(surface.length)),
      ...about.map((value) => value * SHARES.topics),
      ...wave(about),
    ]);
  };
  return {
    rows: terms.map((ofTerms, row) => ({ dense: toDense(surfaces[row] as Float64Array, ofTerms), terms: ofTerms })),
    termCount: table.weights.length,
    encode(prompt) {
      const ofTerms = weighTerms(readTerms(prompt), table);
      return { dense: toDense(extractFeatures(prompt).surface, ofTerms), terms: ofTerms };
    },
  };
}

function learnStandard(surfaces: readonly Float64Array[]): (surface: Float64Array) => Float64Array {
  const width = surfaces[0]?.length ?? 0;
  const means = new Float64Array(width);
  const scales = new Float64Array(width);
  for (let at = 0; at < width; at += 1) {
    let sum = 0;
    let squares = 0;
    for (const surface of surfaces) sum += surface[at] as number;
    const mean = sum / surfaces.length;
    for (const surface of surfaces) squares += ((surface[at] as number) - mean) ** 2;
    const spread = Math.sqrt(squares / surfaces.length);
    means[at] = mean;
    scales[at] = spread < SPREAD_MIN ? 0 : 1 / spread;
  }
  return (surface) =>
    surface.map((value, at) =>
      Math.max(-STANDARD_MAX, Math.min(STANDARD_MAX, (value - (means[at] as number)) * (scales[at] as number))),
    );
}

/**
 * Cosines of random frequencies over the direction of a prompt's topics, whatever their length:
 * a linear head on them learns any smooth function of the mixture of topics (Rahimi and Recht 2007).
 */
function drawWaves(topicCount: number): (topics: Float64Array) => Float64Array {
  if (topicCount === 0) return () => new Float64Array(0);
  const normal = seededNormal(2);
  const uniform = seededUniform(3);
  const frequencies = Float64Array.from({ length: WAVES * topicCount }, () => normal() * WAVE_FREQUENCY);
  const phases = Float64Array.from({ length: WAVES }, () => uniform() * 2 * Math.PI);
  const height = SHARES.waves * Math.sqrt(2 / WAVES);
  return (topics) => {
    let squares = 0;
    for (const value of topics) squares += value * value;
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    return phases.map((phase, wave) => {
      let angle = phase;
      for (let at = 0; at < topicCount; at += 1) {
        angle += (topics[at] as number) * scale * (frequencies[wave * topicCount + at] as number);
      }
      return Math.cos(angle) * height;
    });
  };
}
