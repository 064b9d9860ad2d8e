import { PassingMap } from '../../core/collections/passing-map.ts';
import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import type { Clock, Logger, SharedStates } from '../../core/ports.ts';
import { TIERS, type Tier } from '../../core/request.ts';

/** A turn whose tool loop took no step for so long is forgotten. */
const KEPT_MS = 3_600_000;
/** A step tells that its turn goes on when it was last heard of so long ago. */
const TELL_AGAIN_MS = KEPT_MS / 4;
/** Of the turns whose keys begin alike; there are 4,096 such groups, each a state of its own, so that a write is small. */
const GROUP_MAX = 8;

type Parts = { readonly states: SharedStates; readonly clock: Pick<Clock, 'nowMs'>; readonly logger: Logger };
type Kept = { readonly tier: Tier; readonly atMs: number };

/**
 * The tiers of user turns with a tool loop, by one of `turnKeys`, for all processes of the data folder: whichever takes the
 * next step knows it. Bounded in number and in time; a turn that was forgotten is decided again.
 */
export class TurnTiers {
  readonly #parts: Parts;
  /** Not stored yet. */
  readonly #waiting = new PassingMap<Kept>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  find(key: string): Tier | undefined {
    const nowMs = this.#parts.clock.nowMs();
    const kept = this.#waiting.get(key) ?? toKept(this.#parts.states.read(groupOf(key))?.[key]);
    return kept && nowMs - kept.atMs < KEPT_MS ? kept.tier : undefined;
  }

  /** Not awaited: written with whatever else the request has to write. */
  keep(key: string, tier: Tier): void {
    const { states, clock, logger } = this.#parts;
    const atMs = clock.nowMs();
    const known = this.#waiting.get(key) ?? toKept(states.read(groupOf(key))?.[key]);
    if (known?.tier === tier && atMs - known.atMs < TELL_AGAIN_MS) return;
    const kept = { tier, atMs };
    this.#waiting.set(key, kept);
    states
      .update(groupOf(key), (stored) => withTurn(stored, key, kept))
      .catch((error: unknown) => logger.error({ error }, 'the tier of a turn could not be kept'))
      .finally(() => {
        if (this.#waiting.get(key) === kept) this.#waiting.delete(key);
      });
  }
}

function groupOf(key: string): string {
  return `turns/${key.slice(0, 3)}`;
}

/** The newest last; those past their time, and the oldest of too many, are left out. */
function withTurn(stored: JsonObject | undefined, key: string, { tier, atMs }: Kept): JsonObject {
  const others = Object.entries(stored ?? {}).filter(([other, value]) => {
    const kept = toKept(value);
    return other !== key && kept !== undefined && atMs - kept.atMs < KEPT_MS;
  });
  return Object.fromEntries([...others.slice(1 - GROUP_MAX), [key, [tier, atMs]]]);
}

function toKept(value: JsonValue | undefined): Kept | undefined {
  if (!Array.isArray(value)) return undefined;
  const [name, atMs] = value as readonly JsonValue[];
  const tier = TIERS.find((one) => one === name);
  return tier && typeof atMs === 'number' ? { tier, atMs } : undefined;
}
