import type { JsonObject } from '../core/json/json.ts';
import type { AnswerOutcome, Clock, Logger, OutcomeSink, SharedStates } from '../core/ports.ts';
import type { SiteView } from '../routing/complexity/classify.ts';
import { extractFeatures } from '../routing/complexity/extract-features.ts';
import { outline } from '../routing/complexity/normalise.ts';
import { readSite, writeSite } from '../routing/learning/site-file.ts';
import {
  learn,
  newSite,
  type SiteModel,
  type SiteOutcome,
  siteShift,
  trustOf,
} from '../routing/learning/site-model.ts';

/** A prompt of this installation, and whether a stronger model was needed: 0 (no) to 1 (the cheap one failed). */
export type Label = { readonly prompt: string; readonly failed: number };

/** What was learnt so far. */
export type LearnerStatus = {
  readonly outcomes: number;
  /** When the last came, in milliseconds since 1970; 0 before the first. */
  readonly learntAtMs: number;
  /** How much of what was learnt counts, 0 to 1; see `trustOf`. */
  readonly trust: number;
};

export type LearnerParts = { readonly states: SharedStates; readonly clock: Clock; readonly logger: Logger };

const STATE = 'site-model';
/** Outcomes are written together: the model is some 45 KB. */
const GATHER_MS = 1_000;
/** More than so many that wait for the books are not learnt from. */
const WAITING_MAX = 1_000;

/**
 * The model of this installation, which all processes of the data folder teach and go by. Of a
 * prompt it keeps what moved the weights, never the text.
 */
export class Learner implements OutcomeSink {
  readonly #parts: LearnerParts;
  #waiting: SiteOutcome[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** The model as it was stored last, and what the classifier sees of it. */
  #read: { readonly stored: JsonObject; readonly view: SiteView } | undefined;

  constructor(parts: LearnerParts) {
    this.#parts = parts;
  }

  answerJudged({ request, failure, source }: AnswerOutcome): void {
    if (this.#waiting.length >= WAITING_MAX) return;
    const { text } = outline(request);
    this.#waiting.push({ features: extractFeatures(text), failure, weight: 1, source });
    this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS).unref();
  }

  /** Undefined before the first outcome. */
  view(): SiteView | undefined {
    const stored = this.#parts.states.read(STATE);
    if (stored === undefined) return undefined;
    if (this.#read?.stored !== stored) this.#read = { stored, view: viewOf(readSite(stored)) };
    return this.#read.view;
  }

  status(): LearnerStatus {
    const site = readSite(this.#parts.states.read(STATE));
    return { outcomes: site.labels, learntAtMs: site.learntAtMs, trust: site.labels === 0 ? 0 : trustOf(site) };
  }

  /** Learns from labels at once; false when the books cannot be written now. */
  teach(labels: readonly Label[]): Promise<boolean> {
    return this.#learn(
      labels.map(({ prompt, failed }) => ({
        features: extractFeatures(prompt),
        failure: failed,
        weight: 1,
        source: 'feedback',
      })),
    );
  }

  /** Back to the shipped model; false when the books cannot be written now. */
  forget(): Promise<boolean> {
    this.#waiting = [];
    return this.#parts.states.update(STATE, () => writeSite(newSite()));
  }

  /** Writes what waits. Never throws. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const outcomes = this.#waiting;
    this.#waiting = [];
    if (outcomes.length === 0) return;
    try {
      await this.#learn(outcomes);
    } catch (error) {
      this.#parts.logger.warn({ error }, 'nothing could be learnt from the last answers');
    }
  }

  #learn(outcomes: readonly SiteOutcome[]): Promise<boolean> {
    const { states, clock } = this.#parts;
    const nowMs = clock.nowMs();
    return states.update(STATE, (stored) => {
      let site: SiteModel = readSite(stored);
      for (const outcome of outcomes) site = learn(site, outcome, nowMs);
      return writeSite(site);
    });
  }
}

function viewOf(site: SiteModel): SiteView {
  return { labels: site.labels, shift: (features) => siteShift(site, features) };
}
