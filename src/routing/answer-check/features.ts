import { agree } from './final-answer.ts';
import { ground } from './grounding.ts';
import type { AnswerReading } from './read-answer.ts';
import { sameNumber } from './read-numbers.ts';
import type { PromptReading } from './read-prompt.ts';

const log = Math.log1p;
/** Things that come whole. */
const COUNTED =
  /\bhow many (?!(?:more |fewer |total |full )?(?:hours?|minutes?|seconds?|days?|weeks?|months?|years?|miles?|kilomet|met|km|feet|foot|inch|yards?|pounds?|ounces?|grams?|kilograms?|kg|gallons?|lit|cups?|tons?|acres?|square|cubic|percent|degrees?|dollars?|cents?|calories|units?|times)\b)/i;
const flag = (is: boolean) => (is ? 1 : 0);

/** All measured so that more, or 1, needs no knowledge of where the question is from. */
export function measureAlone(prompt: PromptReading, answer: AnswerReading): Record<string, number> {
  const { equations, algebraicCount } = answer.equations;
  const count = (verdict: string) => equations.filter((equation) => equation.verdict === verdict).length;
  const final = answer.final.kind === 'number' ? answer.final.value : undefined;
  const g = ground(equations, { given: prompt.numbers, inWords: prompt.numberWords, final });
  const results = equations.map((e) => e.result);
  const ops = new Set(equations.flatMap((e) => e.operators));
  const allops = equations.flatMap((e) => e.operators);
  const max = Math.max(1, ...prompt.numbers.map(Math.abs));
  const W = (list: string[]) => prompt.words.filter((w) => list.includes(w)).length;
  const statements = answer.statements;
  const rep = statements.length ? 1 - new Set(statements).size / statements.length : 0;
  const t = answer.text.trim();
  const qwords = new Set(lastSentence(prompt.text).match(/\p{L}{4,}/gu) ?? []);
  const tail = new Set(
    statements
      .slice(-3)
      .join(' ')
      .match(/\p{L}{4,}/gu) ?? [],
  );
  const num = prompt.task === 'arithmetic';
  return {
    noFinal: flag(answer.final.kind === 'none'),
    notCued: flag(answer.final.kind !== 'none' && !answer.final.isCued),
    logLength: log(t.length),
    statements: log(statements.length),
    truncated: flag(!/[.!?"'`)\]}$\d。]$/u.test(t)),
    repetition: rep,
    hedge: log(answer.phrases.hedge),
    correction: log(answer.phrases.correction),
    refusal: flag(answer.phrases.refusal > 0),
    noneFits: flag(answer.phrases.noneFits > 0),
    assumption: log(answer.phrases.assumption),
    lookup: flag(answer.phrases.lookup > 0),
    numbers: log(answer.numbers.length),
    wrong: flag(count('wrong') > 0),
    wrongs: log(count('wrong')),
    unclear: log(count('unclear')),
    rounded: log(count('rounded')),
    equations: log(equations.length),
    algebraic: log(algebraicCount),
    noEquations: flag(equations.length === 0),
    finalNotResult: flag(final !== undefined && results.length > 0 && !results.some((r) => sameNumber(r, final))),
    finalNotLast: flag(
      final !== undefined &&
        results.length > 0 &&
        results.some((r) => sameNumber(r, final)) &&
        !sameNumber(results.at(-1) as number, final),
    ),
    unexplained: log(g.unexplained),
    unexplainedShare: g.operands ? g.unexplained / g.operands : 0,
    unusedGiven: log(equations.length ? g.unusedGiven : 0),
    unusedShare: prompt.numbers.length && equations.length ? g.unusedGiven / prompt.numbers.length : 0,
    unusedResults: log(g.unusedResults),
    finalFraction: flag(final !== undefined && !Number.isInteger(final) && COUNTED.test(prompt.text)),
    finalNegative: flag(final !== undefined && final < 0),
    finalGiven: flag(final !== undefined && prompt.numbers.some((n) => sameNumber(n, final))),
    finalIntermediate: flag(final !== undefined && results.slice(0, -1).some((r) => sameNumber(r, final))),
    fractions: log(results.filter((r) => !Number.isInteger(r)).length),
    negatives: log(results.filter((r) => r < 0).length),
    opKinds: ops.size,
    divisions: log(allops.filter((o) => o === '/').length),
    minuses: log(allops.filter((o) => o === '-').length),
    times: log(allops.filter((o) => o === '*').length),
    pluses: log(allops.filter((o) => o === '+').length),
    repeatedEquation: log(results.length - new Set(results).size),
    finalSize:
      final === undefined ? 0 : Math.max(-3, Math.min(3, Math.log10(Math.abs(final) + 1) - Math.log10(max + 1))),
    finalLog: final === undefined ? 0 : Math.min(6, Math.log10(Math.abs(final) + 1)),
    questionOverlap: qwords.size ? [...qwords].filter((w) => tail.has(w.toLowerCase())).length / qwords.size : 0,
    variable: flag(/\blet(?:'s)? (?:denote|call|say|[a-z] (?:be|=))|\b[a-z] = /i.test(t)),
    stepsToNumbers: log(equations.length) - log(prompt.numbers.length),
    p_length: log(prompt.text.length),
    p_numbers: log(prompt.numbers.length),
    p_words: log(prompt.numberWords.length),
    p_sentences: log(prompt.sentences),
    p_percent: flag(/%|percent/.test(prompt.text)),
    p_fraction: flag(/\d\/\d|\b(?:half|third|quarter|fourth|fifth)s?\b/i.test(prompt.text)),
    p_decimal: flag(/\d\.\d/.test(prompt.text)),
    p_rate: log(W(['each', 'every', 'per'])),
    p_compare: log(W(['more', 'less', 'fewer', 'than', 'twice', 'times'])),
    p_if: log(W(['if', 'when', 'after', 'before', 'then'])),
    p_left: flag(W(['left', 'remaining', 'remain', 'still', 'rest']) > 0),
    p_total: flag(W(['total', 'altogether', 'all', 'combined', 'together']) > 0),
    p_time: log(
      W([
        'hour',
        'hours',
        'minutes',
        'minute',
        'days',
        'day',
        'week',
        'weeks',
        'month',
        'months',
        'year',
        'years',
        'old',
        'age',
      ]),
    ),
    p_money: flag(/\$|dollar|cost|price|€|£/.test(prompt.text)),
    p_howmuch: flag(/how much/i.test(prompt.text)),
    p_negation: flag(W(['not', 'except', 'least', 'false', 'incorrect', 'without', 'never']) > 0),
    p_options: num ? 0 : log(prompt.options),
    p_question: flag(prompt.text.includes('?')),
    p_wordLength: prompt.words.length ? prompt.words.reduce((s, w) => s + w.length, 0) / prompt.words.length : 0,
    p_latex: flag(/\\[a-z]+|[\^_]\{|=/.test(prompt.text)),
  };
}

export function measurePeer(answer: AnswerReading, peer: AnswerReading): Record<string, number> {
  const agreed = agree(answer.final, peer.final);
  const own = answer.final.kind === 'number' ? answer.final.value : undefined;
  const theirs = peer.final.kind === 'number' ? peer.final.value : undefined;
  const a = new Set(answer.equations.equations.map((e) => e.result)),
    b = new Set(peer.equations.equations.map((e) => e.result));
  const inter = [...a].filter((v) => b.has(v)).length;
  const na = new Set(answer.numbers),
    nb = new Set(peer.numbers);
  const ninter = [...na].filter((v) => nb.has(v)).length;
  const winter = [...answer.words].filter((w) => peer.words.has(w)).length;
  return {
    disagree: flag(agreed === false),
    peerNone: flag(peer.final.kind === 'none'),
    agreed: flag(agreed === true),
    ownInPeer: flag(agreed === false && own !== undefined && peer.numbers.some((n) => sameNumber(n, own))),
    peerInOwn: flag(agreed === false && theirs !== undefined && answer.numbers.some((n) => sameNumber(n, theirs))),
    resultOverlap: a.size && b.size ? inter / Math.min(a.size, b.size) : 0.5,
    resultJaccard: a.size && b.size ? inter / (a.size + b.size - inter) : 0.3,
    numberJaccard: na.size && nb.size ? ninter / (na.size + nb.size - ninter) : 0.3,
    wordJaccard: answer.words.size && peer.words.size ? winter / (answer.words.size + peer.words.size - winter) : 0.3,
    lengthRatio: Math.max(-2, Math.min(2, log(answer.text.length) - log(peer.text.length))),
    ratio: agreed === false && own && theirs && own * theirs > 0 ? Math.min(4, Math.abs(Math.log(own / theirs))) : 0,
  };
}
function lastSentence(t: string): string {
  return (
    t
      .trim()
      .split(/[.!?]\s/)
      .at(-1) ?? ''
  );
}
