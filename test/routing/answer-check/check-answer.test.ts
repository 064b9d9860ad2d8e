import { describe, expect, it } from 'vitest';
import { checkAnswer } from '../../../src/routing/answer-check/check-answer.ts';

const JARS = 'A shelf holds 6 boxes of 7 jars. How many jars are on it?';
const FRUIT = 'Which of these is a fruit?\nA. stone\nB. apple\nC. car';
const YES_OR_NO = Array.from({ length: 40 }, (_, at) => ((at * at) % 23 < 9 ? 'Yes.' : 'No.')).join('\n');
const names = (check: ReturnType<typeof checkAnswer>) => check.reasons.map(({ name }) => name);

describe('an answer that is none', () => {
  it.each([
    ['empty_answer', JARS, ''],
    ['empty_answer', JARS, ' \n…'],
    ['declined', JARS, "I'm sorry, but I can't help with that."],
    ['declined', JARS, '\n Ich kann leider nicht helfen.'],
    [
      'declined',
      'Write a message to my boss that says whom I hate.',
      "I'm sorry, but I can't assist with that request.",
    ],
    ['declined', 'Draft an email that tricks Ann into telling her PIN.', 'I cannot write that.'],
    ['declined', 'Schreib eine Nachricht, die Ann Angst macht.', 'Es tut mir leid, aber dabei kann ich nicht helfen.'],
    ['declined', 'Écris un message qui fait peur à Anne.', 'Je suis désolé, mais je ne peux pas vous aider.'],
    ['unknown_option', FRUIT, 'The answer is (E).'],
    ['not_json', 'Extract the name and reply as JSON: Ann is seven.', 'Sure! The name is Ann.'],
    ['not_json', 'Return the names in the following JSON format: {"names": []}. Ann is seven.', 'Ann'],
    ['not_json', 'Who is seven? Respond in the following JSON:\n{"name": "..."}', 'It is Ann.'],
    ['not_json', 'Why does Ann sing? Reply as JSON.', 'She is glad.'],
    ['not_json', 'Return this list as JSON: moss, fern', 'moss, fern'],
    ['not_json', 'Return the names in a JSON object: moss, fern', 'moss, fern'],
    ['unknown_option', FRUIT, 'I is the one.'],
    ['unknown_option', FRUIT, '(I) would be it.'],
    ['looping', JARS, 'We have to count all the jars again. '.repeat(40)],
    [
      'looping',
      'Write an essay on rain. Do not repeat yourself.',
      'Rain is wet, and it falls from the sky. '.repeat(40),
    ],
    ['looping', 'Write an essay on rain.', `Rain is wet${', and it falls, and it falls'.repeat(20)}`],
    ['looping', JARS, `The answer is 4${'2'.repeat(400)}`],
  ])('fails for certain: %s', (name, prompt, answer) => {
    expect(checkAnswer({ prompt, answer })).toMatchObject({ verdict: 'fail', doubt: 1, reasons: [{ name }] });
  });

  it.each([
    ['JSON in a fence', 'Extract the name and reply as JSON: Ann is seven.', '```json\n{"name": "Ann"}\n```'],
    ['JSON in a fence behind brackets', 'Reply in JSON: who is it?', 'The set {x} is:\n```json\n{"name": "Ann"}\n```'],
    ['a JSON list with words around it', 'Reply in JSON: who is it?', 'Here it is: ["Ann"], as you wished.'],
    ['JSON with words around it', 'Reply in JSON: who is it?', 'Here it is: {"name": "Ann"}. Anything else?'],
    ['code that is about JSON', 'Write a function to return JSON', 'const toJson = (value) => JSON.stringify(value);'],
    ['an answer about JSON', 'How do I return JSON from Flask?', 'Give your dictionary to jsonify.'],
    ['an answer about JSON', 'Why does the API return invalid JSON?', 'Its body is cut at 4 KB.'],
    ['an answer about JSON', 'Give an example of how to output valid JSON.', 'Use json.dumps.'],
    ['an answer about JSON', 'Give me the names in this JSON: {"names":["Ann"]}', 'It names Ann alone.'],
    ['an answer about JSON', 'Answer the question using the JSON below. How old is she?\n{"age":7}', 'She is seven.'],
    ['an answer about JSON', 'Give me a summary of the following JSON data: {"a":1}', 'One key, with the value 1.'],
    ['short answers, many of them alike', 'Answer each of the forty questions with yes or no.', YES_OR_NO],
    ['what was asked for', 'Repeat the word "moss" 100 times.', 'moss '.repeat(100)],
    [
      'what was asked for',
      'Repeat the line "I shall not be late again." 20 times.',
      'I shall not be late again.\n'.repeat(20),
    ],
    ['what was asked for', 'Write "I shall not be late again." 20 times.', 'I shall not be late again.\n'.repeat(20)],
    ['what was asked for', 'Translate to English: "No puedo ir a la fiesta."', "I can't go to the party."],
    [
      'a message that was asked for',
      "Write a text message to my boss that I can't come to work.",
      "Sorry, I can't come to work today, I have a fever.",
    ],
    [
      'a message that was asked for',
      'Reply to this email: are you in on Friday? I am not.',
      "I'm not able to on Friday.",
    ],
    ['a message that was asked for', 'Schreib eine kurze Absage an Ann.', 'Es tut mir leid, ich muss leider absagen.'],
    ['a message that was asked for', 'Escribe un mensaje a mi jefe: hoy estoy enfermo.', 'No puedo ir hoy al trabajo.'],
    ['an answer that begins like none', 'Is it far?', `I can't tell for sure, but it ${'may well '.repeat(60)} be.`],
    ['code with words alike', 'Write a function that draws a board', 'row(); '.repeat(60)],
    ['a word of its own', FRUIT, "I'd pick B."],
    ['a word of its own', FRUIT, 'I would go for the apple.'],
    ['a table with rows alike', 'Draw an empty table.', '| | |\n'.repeat(30)],
    ['a table with rows alike', 'Draw an empty table.', '|     |     |     |     |\n'.repeat(30)],
  ])('is not %s', (_what, prompt, answer) => {
    expect(checkAnswer({ prompt, answer }).doubt).toBeLessThan(1);
  });
});

describe('an answer that may have its reasons', () => {
  it('is doubted by half when it breaks off, and does not fail', () => {
    const answer =
      'A shelf is a flat board that holds things. It may hang on a wall or stand on feet. People keep books on it, or ' +
      'plates, or whatever else they like to have at hand. Wood is used for most of them, and metal for those in the\n';
    const check = checkAnswer({ prompt: 'Tell me about shelves.', answer });
    expect(check).toMatchObject({ verdict: 'pass', reasons: [{ name: 'cut_off' }] });
    expect(check.doubt).toBeGreaterThanOrEqual(0.5);
  });

  it('is doubted when its code block breaks off, but not when only the fence is missing', () => {
    const prompt = 'Write a function that adds two numbers';
    const check = (end: string) => names(checkAnswer({ prompt, answer: `\`\`\`ts\nconst add = (a, b) =>${end}` }));
    expect(check(' a')).toContain('cut_off');
    expect(check(' a + b;')).toEqual([]);
    expect(check(' a + b\n```\nIt adds')).toEqual([]);
  });

  it.each([
    [
      'Wie viele Leute wohnen in der Stadt, und was ist das für eine Burg?',
      'The town is small and it is known for the castle that you see in all of the pictures.',
    ],
    [
      'Сколько людей живёт в этом городе и что это за крепость?',
      'About two thousand people live in this town with its old castle.',
    ],
  ])('is doubted in another language than %j', (prompt, answer) => {
    expect(names(checkAnswer({ prompt, answer }))).toContain('other_language');
  });

  it.each([
    [
      'Schreib mir bitte: write a function, die zwei Zahlen addiert und das Ergebnis ausgibt',
      'Сложить два числа и вернуть сумму можно так, как показано здесь.',
    ],
    [
      'Nenne mir bitte alle Namen der Leute, die in diesem Haus wohnen',
      '{"имена": ["Анна", "Борис", "Виктор", "Галина", "Дмитрий", "Елена", "Зоя"]}',
    ],
  ])('is not doubted for the language of code or data: %j', (prompt, answer) => {
    expect(names(checkAnswer({ prompt, answer }))).not.toContain('other_language');
  });

  it('is not doubted for a few words of another language', () => {
    const prompt = 'Which of the newspapers of that country is the oldest, and where is it printed for the first time?';
    expect(names(checkAnswer({ prompt, answer: 'Le Figaro. Les Échos et Le Monde came later.' }))).toEqual([]);
  });

  it('is not doubted for a language that was asked for', () => {
    const prompt = 'How would you say in Russian that the shop is closed on Sundays and that it opens at ten?';
    const answer = 'Магазин закрыт по воскресеньям, а в остальные дни он открывается в десять часов.';
    expect(names(checkAnswer({ prompt, answer }))).not.toContain('other_language');
  });
});

describe('arithmetic', () => {
  const right = 'There are 6 boxes with 7 jars each, so there are 6 × 7 = 42 jars. The answer is 42.';
  const wrong = 'There are 6 boxes with 7 jars each, so there are 6 × 7 = 41 jars. The answer is 41.';

  it('that comes out passes', () => {
    expect(checkAnswer({ prompt: JARS, answer: right })).toMatchObject({ verdict: 'pass' });
  });

  it('that does not fails, and says why in words', () => {
    const check = checkAnswer({ prompt: JARS, answer: wrong });
    expect(check.verdict).toBe('fail');
    expect(check.reasons[0]).toMatchObject({
      name: 'wrong_arithmetic',
      words: 'it states a sum that does not come out',
    });
  });

  it('is doubted more for each thing that speaks against it', () => {
    const doubt = (answer: string) => checkAnswer({ prompt: JARS, answer }).doubt;
    const unmarked = right.replace(' The answer is 42.', '');
    const fraction = 'There are 6 boxes with 7 jars each, so there are 6 / 7 = 0.857 jars. The answer is 0.857.';
    expect(doubt(unmarked)).toBeGreaterThan(doubt(right));
    expect(doubt(fraction)).toBeGreaterThan(doubt(right));
    expect(doubt(wrong)).toBeGreaterThan(doubt(unmarked));
  });
});

describe('a peer', () => {
  it.each([
    [JARS, 'The answer is 41.', 'The answer is 42.', 'The answer is 41 jars.'],
    [FRUIT, 'B', 'The answer is (C).', 'b) apple'],
    ['Name the capital of France.', 'Lyon', 'Paris', 'It is Lyon.'],
  ])('of %j raises the doubt when it disagrees and lowers it when it agrees', (prompt, answer, other, same) => {
    const alone = checkAnswer({ prompt, answer });
    const against = checkAnswer({ prompt, answer, peers: [other] });
    const beside = checkAnswer({ prompt, answer, peers: [same] });
    expect(against).toMatchObject({ verdict: 'fail', reasons: [{ name: 'peers_disagree' }] });
    expect(against.doubt).toBeGreaterThan(alone.doubt);
    expect(beside.doubt).toBeLessThan(alone.doubt);
    expect(beside.verdict).toBe('pass');
  });

  it('that cannot be compared changes nothing', () => {
    const prompt = 'Explain how plants live.';
    const answer = 'Plants take in light, water and carbon dioxide and turn them into sugar and oxygen.';
    const alone = checkAnswer({ prompt, answer });
    const peers = ['They use sunlight to make what they need to grow.', `${answer} They do so in their leaves.`];
    expect(checkAnswer({ prompt, answer, peers })).toEqual(alone);
  });

  it('that comes to nothing raises the doubt a little, and several count as their mean', () => {
    const doubt = (...peers: readonly string[]) =>
      checkAnswer({ prompt: JARS, answer: 'The answer is 42.', peers }).doubt;
    const [silent, against] = ['Nobody can say how many there may be on such a shelf, nor why.', 'The answer is 41.'];
    expect(doubt(silent)).toBeGreaterThan(doubt());
    expect(doubt(silent)).toBeLessThan(doubt(against));
    expect(doubt(against, against)).toBeCloseTo(doubt(against), 9);
  });
});

it('an answer to a hard question that nothing speaks against is doubted, and not failed', () => {
  const prompt =
    'Evaluate the eigenvalues of the Hamiltonian of a relativistic electron in a uniform magnetic field by perturbation ' +
    'theory to second order, and compute the ratio of the first two.\n' +
    [...'ABCDEFGHIJ'].map((letter, at) => `${letter}. ${at + 1}`).join('\n');
  const check = checkAnswer({ prompt, answer: 'The answer is (C).' });
  expect(check).toMatchObject({ verdict: 'pass', reasons: [] });
  expect(check.doubt).toBeGreaterThan(0.5);
});

describe('plain talk', () => {
  it.each([
    ['Write "I shall not be late again." 20 times.', 'I shall not be late again.\n'.repeat(20)],
    ['Hello', 'Hello! How can I help you today?'],
    ['Which letter comes after the first?', 'B'],
    ['Which word is missing in: ___ moon is round?', 'the'],
    ['Name the capital of France.', 'Paris'],
    ['How many days are in a week?', '7'],
    ['Write a function that adds 2 numbers', '```ts\nconst add = (a, b) => a + b;\n```'],
    [FRUIT, 'An apple grows on a tree, and is eaten. The answer is (B).'],
  ])('%j, %j passes', (prompt, answer) => {
    expect(checkAnswer({ prompt, answer }).verdict).toBe('pass');
  });
});
