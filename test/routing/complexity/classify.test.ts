import { describe, expect, it } from 'vitest';
import { TIERS, type Tier } from '../../../src/core/request.ts';
import { fromLexiconScore } from '../../../src/routing/complexity/tiers.ts';
import { DESIGN_EXAMPLES, NEIGHBOURS } from './labelled-prompts.ts';
import { classifyText } from './turns.ts';

const tierOf = (text: string): Tier => classifyText(text).tier;
const LABELLED = Object.entries(NEIGHBOURS).flatMap(([tier, texts]) => texts.map((text) => [tier, text] as const));

describe('the tiers', () => {
  it.each(DESIGN_EXAMPLES)('%s: %s', (tier, text) => {
    expect(tierOf(text)).toBe(tier);
  });

  it.each(LABELLED)('neighbour %s: %s', (tier, text) => {
    expect(tierOf(text)).toBe(tier);
  });

  it('does not find a greeting inside other words', () => {
    for (const text of [
      'which',
      'this',
      'Chicago',
      'heyday',
      'thanksgiving',
      'okapi',
      'byelaws',
      'holiday',
      'hiccup',
    ]) {
      expect([text, tierOf(text)]).toEqual([text, 'simple']);
    }
  });

  it('takes a question after a greeting for the question', () => {
    for (const [tier, text] of DESIGN_EXAMPLES.slice(1)) {
      expect(tierOf(`Hi! ${text}`)).toBe(tier);
      expect(tierOf(`Hello there, ${text}`)).toBe(tier);
      expect(tierOf(`${text} Thanks in advance!`)).toBe(tier);
    }
  });
});

describe('what must not change the tier', () => {
  const steady = [...DESIGN_EXAMPLES, ...LABELLED].map(([, text]) => text);

  it.each([
    ['upper case', (text: string) => text.toUpperCase()],
    ['lower case', (text: string) => text.toLowerCase()],
    ['more white space', (text: string) => `  ${text.replaceAll(' ', '   ')} \n`],
    ['non-breaking spaces', (text: string) => text.replaceAll(' ', '\u00a0')],
    ['invisible characters', (text: string) => `\u200b\u202e${[...text].join('\u200b')}\ufeff`],
  ])('%s', (_, change) => {
    for (const text of steady) expect([text, tierOf(change(text))]).toEqual([text, tierOf(text)]);
  });

  it('a polite opening', () => {
    const asked = steady.filter((text) => tierOf(text) !== 'trivial');
    for (const polite of ['Please ', 'Could you please ', 'Can you ', 'hey, would you kindly ']) {
      for (const text of asked) expect([text, tierOf(polite + text)]).toEqual([text, tierOf(text)]);
    }
  });

  it('full-width letters and accents', () => {
    expect(tierOf('Ｈｉ')).toBe('trivial');
    expect(tierOf('Expliquez la theorie des cordes')).toBe(tierOf('Expliquez la théorie des cordes'));
  });
});

describe('other languages', () => {
  it('count greetings and thanks as trivial, by whole words', () => {
    const smallTalk = `Hola|Bonjour|Guten Morgen|Ciao|Olá|Привет|Вітаю|Cześć|Merhaba|Xin chào|Selamat pagi|Jambo|Hallo|Hej
      |你好|您好|こんにちは|안녕하세요|สวัสดีค่ะ|नमस्ते|হ্যালো|வணக்கம்|నమస్కారం|مرحبا|سلام|שלום|Γεια σου|Kamusta|Bună ziua|Ahoj|Dziękuję bardzo|您好，请问在吗？
      |Gracias|Merci|Danke|Grazie|Obrigada|Спасибо|Дякую|Dziękuję|Teşekkürler|Cảm ơn|Terima kasih|Asante|Dank u|Tack
      |谢谢|謝謝|ありがとう|감사합니다|ขอบคุณครับ|धन्यवाद|ধন্যবাদ|நன்றி|ధన్యవాదాలు|شكرا|ممنون|תודה|Ευχαριστώ|Salamat|Mulțumesc`;
    for (const text of smallTalk.split('|').map((entry) => entry.trim())) {
      expect([text, tierOf(text)]).toEqual([text, 'trivial']);
      expect([text, tierOf(`${text}!`)]).toEqual([text, 'trivial']);
    }
  });

  it('count a yes, a no or an agreement alone as trivial', () => {
    const agreed = `Sounds good|没问题|收到|अच्छा|ठीक है|De acuerdo|Entendido|C'est bon|Très bien|طيب|تمام|আচ্ছা|Não|Entendi|Ладно|Отлично
      |ٹھیک ہے|Siap|Verstanden|なるほど|オッケー|No wahala|नाही|కాదు|Anladım|இல்லை|唔該|Đồng ý|오케이|Capito|باشه|Hapana|مرحباً|شكراً`;
    for (const text of agreed.split('|').map((entry) => entry.trim()))
      expect([text, tierOf(text)]).toEqual([text, 'trivial']);
  });

  it('do not count a question that holds a greeting as trivial', () => {
    for (const text of [
      '你好的英文是什么意思？',
      'こんにちはの語源は何ですか',
      'Qué significa hola',
      'Was bedeutet Moin',
    ]) {
      expect([text, tierOf(text)]).toEqual([text, 'simple']);
    }
  });

  it('grow with length where no word is known', () => {
    const sentence = 'kwa sababu mvua ilinyesha jana usiku tulilazimika kubaki nyumbani ';
    const scores = [1, 4, 16, 64].map((times) => classifyText(sentence.repeat(times)).score);
    expect(scores).toEqual(scores.toSorted((left, right) => left - right));
    expect(new Set(scores).size).toBe(4);
    const han = [1, 4, 16].map((times) => classifyText('昨晚下雨所以我们只好待在家里'.repeat(times)).score);
    expect(new Set(han).size).toBe(3);
    expect(han).toEqual(han.toSorted((left, right) => left - right));
  });
});

describe('everyday work on a longer text', () => {
  const german = 'Der Hund lief über die Wiese und bellte laut, weil er sich über den Ball freute. '.repeat(20);
  const arabic = 'ذهب الولد إلى المدرسة في الصباح وعاد إلى البيت في المساء. '.repeat(15);

  it.each([
    `Fasse den folgenden Text zusammen: ${german}`,
    `لخص النص التالي: ${arabic}`,
    `ترجم إلى الإنجليزية: ${arabic}`,
    `Bitte korrigiere diesen Text: ${german}`,
    `Übersetze ins Englische: ${german}`,
    `Traduce al inglés: ${'El perro corre por el parque y juega con los niños. '.repeat(12)}`,
    `翻译成英文：${'昨天我去了超市买了一些水果和蔬菜，回家以后做了晚饭。'.repeat(10)}`,
  ])('is no work for experts in other languages: %.20s', (text) => {
    expect(tierOf(text)).not.toBe('expert');
    expect(classifyText(text).evidence.map(({ feature }) => feature)).not.toContain('unsure');
  });
});

describe('structure in the text', () => {
  const features = (text: string) => classifyText(text).evidence.map(({ feature }) => feature);

  it('finds fenced and bare code', () => {
    expect(features('What does this print?\n```js\nconsole.log(1)\n```')).toContain('code');
    expect(features('What does this print?\nfor (const x of y) {\n  total += x;\n}')).toContain('code');
    expect(features('If you have time, come over. From there we go on.')).not.toContain('code');
  });

  it('finds JSON, logs, tables, lists and mathematics', () => {
    expect(features('Check: {"name": "a", "size": 3}')).toContain('json');
    expect(features('2026-11-02T10:00:01Z ERROR: down\n2026-11-02T10:00:02Z INFO: up')).toContain('log');
    expect(features('| a | b |\n|---|---|\n| 1 | 2 |')).toContain('table');
    expect(features('A page that\n- is fast\n- is small\n- is plain')).toContain('listItems');
    expect(features('Simplify x^2 + 2x + 1')).toContain('math');
  });

  it('does not take the numbers of pasted JSON for those of a question', () => {
    const users = JSON.stringify({ users: [1, 2, 3, 4, 5].map((id) => ({ id, name: 'Ann', age: 30 + id })) });
    const named = features(`Give me the names:\n${users}`);
    expect(named).toContain('json');
    expect(named).not.toContain('numbers');
  });

  it('reads the instruction around a long paste, not the paste', () => {
    const paste = 'The distributed database design was analyzed, optimized and compared by experts in depth. '.repeat(
      40,
    );
    const neutral = 'The cat sat down beside the warm stove and slept there until the long evening came again. '.repeat(
      40,
    );
    const long = (middle: string) => `Translate the following text. ${neutral}${middle}${neutral} That is all of it.`;
    expect(classifyText(long(paste)).tier).toBe(classifyText(long(neutral)).tier);
  });
});

describe('what nothing is known of', () => {
  const unknown = 'kwa sababu mvua ilinyesha jana usiku tulilazimika kubaki nyumbani hadi asubuhi';

  it('goes up by one tier and says so', () => {
    const { tier, evidence } = classifyText(unknown);
    expect(evidence[0]?.feature).toBe('unsure');
    expect(TIERS.indexOf(tier)).toBeGreaterThanOrEqual(TIERS.indexOf('medium'));
  });

  it('does not go up for a question whose words are known', () => {
    expect(classifyText('请解释光合作用是如何工作的').evidence.map(({ feature }) => feature)).not.toContain('unsure');
    expect(classifyText('What are your hours?').evidence.map(({ feature }) => feature)).not.toContain('unsure');
    const log = '2026-11-02T10:00:01Z ERROR [worker-7] connection refused at 10.0.0.7:5432\n'.repeat(20);
    expect(classifyText(log).evidence.map(({ feature }) => feature)).not.toContain('unsure');
  });
});

describe('the evidence', () => {
  it('comes strongest first and names the words it rests on', () => {
    const { evidence } = classifyText('Write a detailed analysis comparing React and Vue.js');
    const weights = evidence.map(({ weight }) => Math.abs(weight));
    expect(weights).toEqual(weights.toSorted((left, right) => right - left));
    expect(evidence.find(({ feature }) => feature === 'task')?.value).toContain('analysis');
  });

  it('names no more of a prompt than words that it knows, with their endings', () => {
    const shown = (text: string) => classifyText(text).evidence.find(({ feature }) => feature === 'task')?.value;
    expect(shown('We are optimizing the parser')).toBe('optimizing');
    expect(shown('The secret is optimizeMyHunter2')).toBe('optimiz');
    expect(shown('The secret is optimiz2266')).toBe('optimiz');
  });

  it('accounts for the score of a turn that the learnt model knows nothing like', () => {
    const { score, evidence } = classifyText('Explain how tides work');
    const points = evidence.reduce((sum, { weight }) => sum + weight, 0);
    expect(fromLexiconScore(1 - Math.exp(-points))).toBeCloseTo(score, 2);
  });

  it('names features of the learnt model where the turn is a question with a right answer', () => {
    const { evidence } = classifyText(
      'A train leaves at 9:15 and covers 240 km at 80 km per hour, resting twice for 12 minutes. When does it arrive?',
    );
    expect(evidence.map(({ feature }) => feature)).toEqual(expect.arrayContaining(['numbers', 'length', 'vocabulary']));
  });
});
