import { DEFAULT_LIMITS } from '../../core/limits.ts';
import type { ModelRef } from '../../core/model.ts';
import { TIERS } from '../../core/request.ts';
import type { VerifySettings } from '../../core/verification.ts';
import type { VerifyInput } from '../schema/verify-schema.ts';
import { type RefContext, toModelRef } from './to-model-ref.ts';

type Context = RefContext & {
  readonly aliases: ReadonlyMap<string, ModelRef>;
  readonly attemptsMax: number | undefined;
};

/** `routing.verify` with its peer resolved. What could never take effect is a fault. */
export function toVerify(input: VerifyInput, context: Context): VerifySettings {
  const { tasks, tiers, first, threshold } = input;
  const { problems, attemptsMax = DEFAULT_LIMITS.attemptsMax } = context;
  const needed = input.peer === false ? 2 : 3;
  if (attemptsMax < needed) {
    const each = needed === 2 ? 'the answer and a stronger one' : 'the answer, its peer and a stronger answer';
    problems.add(['routing', 'verify'], `limits.attemptsMax must be at least ${needed}: ${each}`);
  }
  if (first !== undefined && tiers.every((tier) => TIERS.indexOf(tier) < TIERS.indexOf(first))) {
    problems.add(['routing', 'verify', 'first'], 'is above every tier of routing.verify.tiers');
  }
  return {
    tasks: tasks === 'all' ? tasks : [...new Set(tasks)],
    tiers: [...new Set(tiers)],
    peer: typeof input.peer === 'string' ? toPeer(input.peer, context) : input.peer,
    ...(first && { first }),
    ...(threshold !== undefined && { threshold }),
  };
}

/** One that cannot be resolved is reported where it is written. */
function toPeer(name: string, context: Context): ModelRef | false {
  const { aliases, aliasNames } = context;
  const ref = aliasNames.has(name) ? aliases.get(name) : toModelRef(name, ['routing', 'verify', 'peer'], context);
  return ref ?? false;
}
