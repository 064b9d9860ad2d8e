import { closeInTurn } from '../core/close-in-turn.ts';
import type { Logger } from '../core/ports.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Engine } from './engine.ts';

/**
 * Holds the engine in force. Calls go to it; one that is replaced finishes the calls it has and is
 * closed then, so a new configuration disturbs nobody.
 */
export class EngineSeat {
  /** Goes to whichever engine is in force when it is called. */
  readonly gateway: Gateway;
  readonly #logger: Logger;
  readonly #retiring = new Set<Sitting>();
  #current: Sitting;

  constructor(engine: Engine, logger: Logger) {
    this.#current = new Sitting(engine);
    this.#logger = logger;
    this.gateway = {
      complete: (request, options) => this.#use((gateway) => gateway.complete(request, options)),
      stream: (request, options) => this.#use((gateway) => gateway.stream(request, options)),
      preview: (request) => this.#use((gateway) => gateway.preview(request)),
      estimateTokens: (request) => this.engine.gateway.estimateTokens(request),
      embed: (request, options) => this.#use((gateway) => gateway.embed(request, options)),
      listModels: (query) => this.#use((gateway) => gateway.listModels(query)),
      findModel: (name) => this.#use((gateway) => gateway.findModel(name)),
      checkNames: (names) => this.#use((gateway) => gateway.checkNames(names)),
      providerStatus: (query, signal) => this.#use((gateway) => gateway.providerStatus(query, signal)),
      costReport: (query) => this.#use((gateway) => gateway.costReport(query)),
      // The books are of the data folder: they outlive every engine.
      costRows: (query) => this.engine.gateway.costRows(query),
      requestLog: (query) => this.#use((gateway) => gateway.requestLog(query)),
      once: (request, work) => this.#use((gateway) => gateway.once(request, work)),
    };
  }

  get engine(): Engine {
    return this.#current.engine;
  }

  /** All that still work: the one in force and those that finish what they have. */
  get engines(): readonly Engine[] {
    return [this.#current, ...this.#retiring].map(({ engine }) => engine);
  }

  replace(engine: Engine): void {
    const former = this.#current;
    this.#current = new Sitting(engine);
    this.#retiring.add(former);
    former.retired = retire(former)
      .catch((error: unknown) => this.#logger.error({ error }, 'a replaced configuration could not be closed'))
      .finally(() => this.#retiring.delete(former));
  }

  /** Waits for every call, then closes all. */
  async close(): Promise<void> {
    await closeInTurn([[...[...this.#retiring].map((one) => () => one.retired), () => retire(this.#current)]]);
  }

  async #use<Answer>(call: (gateway: Gateway) => Promise<Answer>): Promise<Answer> {
    const sitting = this.#current;
    sitting.begin();
    try {
      return await call(sitting.engine.gateway);
    } finally {
      sitting.end();
    }
  }
}

/** One engine's time in the seat: who has called it and is not answered yet. */
class Sitting {
  readonly engine: Engine;
  retired: Promise<unknown> | undefined;
  #calls = 0;
  #onIdle: (() => void) | undefined;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  begin(): void {
    this.#calls += 1;
  }

  end(): void {
    this.#calls -= 1;
    if (this.#calls === 0) this.#onIdle?.();
  }

  whenIdle(): Promise<void> {
    if (this.#calls === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }
}

/** A call is known to the engine's own `drain` only when it has been planned, hence the wait before. */
async function retire(sitting: Sitting): Promise<void> {
  const { gateway, close } = sitting.engine;
  await closeInTurn([[() => sitting.whenIdle()], [() => gateway.drain()], [close]]);
}
