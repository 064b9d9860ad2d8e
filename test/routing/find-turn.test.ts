import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/core/message.ts';
import { findTurn } from '../../src/routing/find-turn.ts';

const MESSAGES: Readonly<Record<string, Message>> = {
  s: { role: 'system', content: [] },
  u: { role: 'user', content: [] },
  a: { role: 'assistant', content: [] },
  t: { role: 'tool', content: [] },
};
const turnOf = (roles: string) => findTurn([...roles].map((role) => MESSAGES[role] as Message));

describe('the user turn of a conversation', () => {
  it.each([
    ['u', 0, false],
    ['su', 1, false],
    ['uau', 2, false],
    ['uat', 0, true],
    ['suatat', 1, true],
    ['uatau', 4, false],
    ['uatauatatt', 4, true],
    ['ua', 0, false],
  ])('%s begins at %i', (roles, at, isUnderWay) => {
    expect(turnOf(roles)).toEqual({ at, isUnderWay });
  });

  it.each([
    ['uatu', 0],
    ['uatuu', 0],
    ['uauatuatu', 2],
  ])('%s goes on at %i when a client speaks for the user beside the results of tools', (roles, at) => {
    expect(turnOf(roles)).toEqual({ at, isUnderWay: true });
  });

  it('is absent where no user speaks', () => {
    expect(turnOf('s')).toBeUndefined();
    expect(turnOf('')).toBeUndefined();
    expect(turnOf('tat')).toBeUndefined();
    expect(turnOf('tu')).toBeUndefined();
  });
});
