import type { ModelRef } from '../../core/model.ts';
import { type ChatRequest, TIERS } from '../../core/request.ts';
import type { Candidate, RoutePlan } from '../../core/route-plan.ts';
import type { GatewayParts } from '../parts.ts';
import { planRequest } from '../plan-request.ts';

type Question = { readonly plan: RoutePlan; readonly request: ChatRequest };

/** The models of the tiers below a plan's that are not in it: looked up once, when a limit first asks for them. */
export class CheaperModels {
  readonly #parts: GatewayParts;
  readonly #question: Question;
  readonly #offered: ModelRef[] = [];
  #below: Promise<readonly Candidate[]> | undefined;

  constructor(parts: GatewayParts, question: Question) {
    this.#parts = parts;
    this.#question = question;
  }

  /** Those that cost less than this one, the nearest tier first. */
  async than({ costExpected: limit }: Candidate): Promise<readonly Candidate[]> {
    this.#below ??= this.#findBelow();
    const below = await this.#below;
    return below.filter(
      ({ costExpected }) => costExpected !== undefined && (limit === undefined || costExpected < limit),
    );
  }

  /** The same without those that were offered before. */
  async offer(candidate: Candidate): Promise<readonly Candidate[]> {
    const fresh = (await this.than(candidate)).filter(({ model }) => !this.#offered.includes(model.ref));
    for (const { model } of fresh) this.#offered.push(model.ref);
    return fresh.map((other) => ({ ...other, reason: `cheaper: ${other.reason}` }));
  }

  async #findBelow(): Promise<readonly Candidate[]> {
    const { plan, request } = this.#question;
    const known = new Set(plan.candidates.map(({ model }) => model.ref));
    const found: Candidate[] = [];
    const from = plan.tier === undefined ? TIERS.length : TIERS.indexOf(plan.tier);
    for (const tier of TIERS.slice(0, from).reverse()) {
      const { model: _model, provider: _provider, task: _task, ...routing } = request.routing;
      const cheaper = { ...request, routing: { ...routing, tier } };
      const catalog = await this.#parts.catalog();
      const nowMs = this.#parts.clock.nowMs();
      const below = planRequest(this.#parts, { request: cheaper, catalog, nowMs, isLive: false });
      const fresh = below.candidates.filter(({ model }) => !known.has(model.ref));
      for (const { model } of fresh) known.add(model.ref);
      found.push(...fresh);
    }
    return found;
  }
}
