import type { Classification, Evidence } from '../../core/route-plan.ts';
import { examShare } from './exam-share.ts';
import { extractFeatures, type PromptFeatures } from './extract-features.ts';
import { type Conversation, isSameOutline, type Outline, outline } from './normalise.ts';
import { failureProbability, isOutsideExperience, positionInTraffic, routeScore } from './prior.ts';
import { hashEnds, recall } from './recall.ts';
import { type RequestFeatures, readRequest } from './request-features.ts';
import { round } from './round.ts';
import { isContext, scoreFeatures, sumContextPoints, sumPoints } from './score.ts';
import { addByStrength, EVIDENCE_MAX, StrongestEvidence, type TellEvidence } from './strongest-evidence.ts';
import { fromLexiconScore, startOfHarderTier, tierOfScore } from './tiers.ts';

/** About what a logit moves a prompt in the calibration traffic, so that both kinds of evidence are in like units. */
const PLACE_A_LOGIT = 0.33;
/** Of a foreign turn shorter than this nothing can be said, and little be wrong. */
const UNKNOWN_WORDS_MIN = 8;

/** Of so many of the latest texts, and no longer ones, the classification is remembered when they come again. */
const REMEMBERED = 512;
const REMEMBERED_CHARS_MAX = 8_192;

/** What the prompts of this installation have taught, for the classifier to go by. */
export type SiteView = {
  /** How many outcomes it knows of. */
  readonly labels: number;
  /** What it adds to the logit of "a cheap model fails" for a text with these features. */
  readonly shift: (features: PromptFeatures) => number;
};

/**
 * How hard the user's last turn is, with the evidence, strongest first. Where the turn is like the
 * questions that the shipped model learnt from, its place in the calibration traffic of that model
 * counts; else the words of the lexicon, a first estimate. What the site has learnt moves either.
 * Unsure, it goes up. Pure, linear in the text, and bounded by its cap; a turn that comes again, as
 * in each step of a tool loop, is not read again.
 */
export function classify(conversation: Conversation, site?: SiteView): Classification {
  const outlined = outline(conversation);
  const characters = outlined.text.length + (outlined.previousText?.length ?? 0);
  const reading = characters > REMEMBERED_CHARS_MAX ? read(outlined) : recallReading(outlined);
  const { features, classification } = reading;
  return site && features ? movedBySite(classification, site, features) : classification;
}

/** What was made of a text; small talk has no features. */
type Reading = { readonly classification: Classification; readonly features?: PromptFeatures };

const recallReading = recall({
  answer: read,
  hash: ({ text }: Outline) => hashEnds(text),
  isSame: isSameOutline,
  slots: REMEMBERED,
});

function read(outlined: Outline): Reading {
  const request = readRequest(outlined, sumPoints);
  if (request.smallTalk) {
    return {
      classification: { tier: 'trivial', score: 0, evidence: [{ feature: 'smallTalk', value: 1, weight: -1 }] },
    };
  }
  const features = extractFeatures(outlined.text);
  const share = examShare(features, request);
  const gathered = new StrongestEvidence();
  // Each as much as it counts in the score.
  const ofLexicon = scoreFeatures(request, (feature, value, weight) =>
    gathered.add(feature, value, isContext(feature) ? weight : weight * (1 - share)),
  );
  const ofModel =
    share > 0
      ? learntScore(features, (feature, value, weight) => gathered.add(feature, value, weight * share * PLACE_A_LOGIT))
      : 0;
  const learnt = Math.min(1, ofModel + sumContextPoints(request.values));
  const score = round(share * learnt + (1 - share) * fromLexiconScore(ofLexicon));
  const evidence = gathered.take();
  if (isUnknown(features, request)) return { features, classification: goUp(score, evidence) };
  return { features, classification: { tier: tierOfScore(score), score, evidence } };
}

function movedBySite(
  { tier, score, evidence }: Classification,
  site: SiteView,
  features: PromptFeatures,
): Classification {
  const moved = round(Math.min(1, Math.max(0, score + PLACE_A_LOGIT * site.shift(features))));
  if (moved === score) return { tier, score, evidence };
  const strongest: Evidence[] = [];
  for (const one of evidence) addByStrength(strongest, one);
  addByStrength(strongest, { feature: 'learntHere', value: site.labels, weight: round(moved - score) });
  return { tier: tierOfScore(moved), score: moved, evidence: strongest };
}

/** Where the model places a text in its calibration traffic. Outside its experience length alone orders. */
function learntScore(features: PromptFeatures, tell: TellEvidence): number {
  const failure = failureProbability(features, tell);
  if (isOutsideExperience(features)) return positionInTraffic('route', routeScore(features));
  return positionInTraffic('failure', failure);
}

/** Neither the model nor the lexicon knows anything in it. */
function isUnknown(features: PromptFeatures, { values }: RequestFeatures): boolean {
  const { words, task, depth, scale, subject, ease, how, why, lookup, previousAsk } = values;
  const { code, json, log, table, math } = values;
  if (words < UNKNOWN_WORDS_MIN || code + json + log + table + math > 0) return false;
  const known = task + depth + scale + subject + ease + how + why + lookup + previousAsk;
  return known === 0 && isOutsideExperience(features);
}

function goUp(score: number, evidence: readonly Evidence[]): Classification {
  const raised = Math.max(score, startOfHarderTier(tierOfScore(score)));
  const unsure: Evidence = { feature: 'unsure', value: 'nothing known in it', weight: round(raised - score) };
  return { tier: tierOfScore(raised), score: raised, evidence: [unsure, ...evidence].slice(0, EVIDENCE_MAX) };
}
