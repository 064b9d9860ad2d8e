import type { JsonObject } from '../../core/json/json.ts';
import type { Logger, SharedStates } from '../../core/ports.ts';
import type { CostTarget } from '../../core/route-plan.ts';
import { addEvent, type PacingEvent, type PacingState } from '../../routing/pacing/pacing-state.ts';
import { readPacingState } from '../../routing/pacing/read-pacing-state.ts';

/** While nothing can be written, no more events than these wait for it. */
const WAITING_MAX = 1_000;

/**
 * The pacing state of all processes that share the data folder: what is stored, and what this one has yet to add.
 * Each event is in the state at once here, and with the next commit everywhere.
 */
export class Pacer {
  readonly #states: SharedStates;
  readonly #name: string;
  readonly #logger: Logger;
  #waiting: PacingEvent[] = [];
  #isWriting = false;
  /** How many of those that wait are in what was written last. */
  #written: { readonly state: JsonObject; readonly count: number } | undefined;
  #stored: JsonObject | undefined;
  #current: PacingState = readPacingState(undefined);

  constructor({ states, target, logger }: Parts) {
    this.#states = states;
    this.#name = stateName(target);
    this.#logger = logger;
  }

  /** As of now, what other processes have stored included. */
  get state(): PacingState {
    const stored = this.#states.read(this.#name);
    if (stored === this.#stored) return this.#current;
    if (stored === this.#written?.state) this.#dropWritten();
    this.#stored = stored;
    this.#current = this.#waiting.reduce(addEvent, readPacingState(stored));
    return this.#current;
  }

  add(event: PacingEvent): void {
    this.#current = addEvent(this.state, event);
    if (this.#waiting.length >= WAITING_MAX) this.#waiting.shift();
    this.#waiting.push(event);
    this.#write();
  }

  /** One write at a time; what comes meanwhile goes with the next. */
  #write(): void {
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#states
      .update(this.#name, (stored) => this.#withWaiting(stored))
      .then((isWritten) => {
        this.#isWriting = false;
        if (!isWritten) return;
        this.#dropWritten();
        if (this.#waiting.length > 0) this.#write();
      })
      .catch((error: unknown) => {
        this.#isWriting = false;
        this.#logger.error({ error }, 'the state of the cost target could not be stored');
      });
  }

  #withWaiting(stored: JsonObject | undefined): JsonObject {
    const state: JsonObject = this.#waiting.reduce(addEvent, readPacingState(stored));
    this.#written = { state, count: this.#waiting.length };
    return state;
  }

  #dropWritten(): void {
    if (this.#written) this.#waiting.splice(0, this.#written.count);
    this.#written = undefined;
  }
}

type Parts = { readonly states: SharedStates; readonly target: CostTarget; readonly logger: Logger };

/** Another target begins anew: what was spent says nothing about it. */
function stateName(target: CostTarget): string {
  return target.type === 'share' ? `pacing/share ${target.shareMax}` : `pacing/cost ${target.costMax}`;
}
