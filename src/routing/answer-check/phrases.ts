/** Kinds of phrases that say how sure an answer is of itself. */
export type PhraseKind = 'hedge' | 'correction' | 'refusal' | 'noneFits' | 'lookup';

/**
 * Whole words in folded text. English first; the shortest sure signs in further languages. Fixed phrases in one
 * alternation: linear in the text.
 */
const PHRASES: Readonly<Record<PhraseKind, RegExp>> = {
  hedge:
    /\b(?:not sure|unsure|uncertain|i think|i believe|i guess|probably|perhaps|maybe|might be|may be|could be|most likely|it seems|seems to be|appears to be|likely|possibly|presumably|approximately|hard to say|vielleicht|wahrscheinlich|vermutlich|nicht sicher|quizás|tal vez|probablemente|creo que|peut-être|probablement|je pense que|je crois|forse|probabilmente|talvez|provavelmente|acho que|misschien|waarschijnlijk)\b|можливо|возможно|наверное|вероятно|可能|也许|大概|たぶん|おそらく|かもしれ|아마/g,
  correction:
    /\b(?:wait|actually|correction|let me re-?(?:check|think|calculate|consider|do|read|evaluate|examine)|let's re-?(?:check|think|calculate|consider|do|read|evaluate|examine)|on second thought|i made (?:a|an) (?:mistake|error)|made a mistake|mistake|my apologies|i apologi[sz]e|sorry|scratch that|re-?evaluate|re-?consider|contradict(?:s|ion|ory)?|incorrect|this is not possible|not possible|impossible|doesn't make sense|does not make sense|inconsistent|however, this|moment mal|ich korrigiere|entschuldigung|espera|me equivoqué|corrección|pardon|attendez|je me suis trompée?|scusa|desculpe)\b|извините|等等|不对|訂正|すみません|잠깐/g,
  refusal:
    /\b(?:i cannot|i can't|i can not|i am unable|i'm unable|unable to|as an ai|i'm sorry, but|i am sorry, but|i won't|i do not have (?:access|enough)|i don't have (?:access|enough)|i don't know|i do not know|ich kann nicht|ich kann leider|no puedo|lo siento, pero|je ne peux pas|je suis désolée?|non posso|não posso)\b|не могу|我无法|我不能|できません|할 수 없/g,
  noneFits:
    /\b(?:not (?:among|one of|listed|in) the (?:options|choices|answer choices|given|list|answers)|none of the (?:options|choices|above|given|answer choices|answers)|not (?:listed|given|provided|specified|enough information)|closest (?:answer|option|choice|to)|insufficient information|cannot be determined|can't be determined|can not be determined|cannot determine|does(?: not|n't) match|do(?: not|n't) match|not possible to determine|missing information)\b/g,
  lookup:
    /\b(?:we refer to|according to|wikipedia|for help|by definition|well[- ]known|is known (?:as|for)|refers to|is called|is defined)\b/g,
};

export type PhraseCounts = Readonly<Record<PhraseKind, number>>;

/** How often a text in lower case uses each kind. */
export function countPhrases(text: string): PhraseCounts {
  const count = (kind: PhraseKind) => text.match(PHRASES[kind])?.length ?? 0;
  return {
    hedge: count('hedge'),
    correction: count('correction'),
    refusal: count('refusal'),
    noneFits: count('noneFits'),
    lookup: count('lookup'),
  };
}
