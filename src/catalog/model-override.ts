import type { Capability, ModelRef, Price } from '../core/model.ts';

/**
 * What the configuration says about one model; it wins over every other source, field by field.
 * One with nothing but its `ref` makes the model known, so that it is listed.
 */
export type ModelOverride = {
  readonly ref: ModelRef;
  readonly price?: Price;
  readonly contextTokens?: number;
  readonly outputTokensMax?: number;
  readonly capabilities?: readonly Capability[];
  readonly quality?: number;
  readonly priority?: number;
  readonly weight?: number;
  readonly tags?: readonly string[];
};
