/** What else a word may tell, beside the lexicon. */
export const ROLE = { why: 1, how: 2, howMuch: 4, lookup: 8, works: 16, constraint: 32 } as const;

export const ROLE_WORDS: readonly (readonly [role: number, words: readonly string[]])[] = [
  [ROLE.why, words('why warum wieso perche pourquoi почему зачем чому why neden nicin mengapa kenapa waarom dlaczego')],
  [ROLE.how, words('how wie como comment come как як jak nasil bagaimana hoe')],
  // "How many", "how far": a question for a fact, not for an explanation.
  [
    ROLE.howMuch,
    words(`many much old long far tall big large high heavy fast late often soon deep wide hot cold viel viele alt lang
      weit gross hoch spat oft много долго далеко часто`),
  ],
  // A question that opens so asks for a name, a place or a time.
  [
    ROLE.lookup,
    words(`who whose where when wer wo wann quien donde cuando quand chi dove quando quem onde kto gdzie kiedy кто где
      когда хто де коли kim nerede siapa dimana kapan`),
  ],
  // "How does it work": an explanation of a mechanism.
  [
    ROLE.works,
    words(`work works working function functions happen happens funciona funcionan funktioniert funktionieren fonctionne
      fonctionnent funziona funzionano функционирует работает работают dziala werkt calisir`),
  ],
  [
    ROLE.constraint,
    words(`must should shall without only exactly except unless ensure ensuring requires required requirement requirements
      constraint constraints limit limited avoid never always maximum minimum muss mussen ohne nur debe deben sin solo
      doit doivent sans deve devem sem должен должна должны без только`),
  ],
];

function words(list: string): readonly string[] {
  return list.split(/\s+/);
}
