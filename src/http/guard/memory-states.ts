import type { JsonObject } from '../../core/json/json.ts';
import type { SharedStates } from '../../core/ports.ts';

/** States of this process alone: where there is no data folder to share, or it cannot be written. */
export class MemoryStates implements SharedStates {
  readonly #states = new Map<string, JsonObject>();

  read(name: string): JsonObject | undefined {
    return this.#states.get(name);
  }

  async update(name: string, change: Parameters<SharedStates['update']>[1]): Promise<boolean> {
    this.#states.set(name, change(this.#states.get(name)));
    return true;
  }
}
