import { once } from 'node:events';
import type { Served } from '../serve.ts';
import { TOKEN } from '../serve.ts';
import { type Heard, hear, type ServedCall } from './calls.ts';

export const tokenOf = (tenant: string) => `${TOKEN}-${tenant}`;

/** A service of a run, which may end while callers are at it, and what they heard from it. */
export class Member {
  readonly served: Served;
  readonly heard: Heard[] = [];
  #wasKilled = false;
  #end: Promise<string> | undefined;

  constructor(served: Served) {
    this.served = served;
  }

  get wasKilled(): boolean {
    return this.#wasKilled;
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  /** SIGTERM; all that it said, to its end. */
  stop(): Promise<string> {
    this.#end ??= this.#endBy('SIGTERM');
    return this.#end;
  }

  kill(): void {
    this.#wasKilled = true;
    this.#end = this.#endBy('SIGKILL');
  }

  async call(call: ServedCall): Promise<void> {
    const { tag, tenant } = call;
    try {
      const told = await hear({ url: this.served.url, token: tokenOf(tenant) }, call);
      this.heard.push({ ...told, tenant });
    } catch (error) {
      if (!this.#wasKilled && (this.isOpen || (error as Error).message !== 'fetch failed')) throw error;
      this.heard.push({ tag, tenant, outcome: this.#wasKilled ? 'killed' : 'unreached' });
    }
  }

  async #endBy(signal: 'SIGTERM' | 'SIGKILL'): Promise<string> {
    const { child, stderr } = this.served;
    const saidAll = child.stderr && once(child.stderr, 'close');
    const exited = once(child, 'exit');
    child.kill(signal);
    const [code] = await exited;
    await saidAll;
    if (code !== 0 && !this.#wasKilled) throw new Error(`a service ended with ${code}: ${stderr().slice(-2_000)}`);
    return stderr();
  }
}
