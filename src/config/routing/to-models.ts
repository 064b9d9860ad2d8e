import type { ModelOverride } from '../../catalog/model-override.ts';
import { type ModelRef, parseModelRef } from '../../core/model.ts';
import { isModelName } from '../../core/model-name.ts';
import type { Problems } from '../file/problems.ts';
import type { ConfigInput } from '../schema/config-schema.ts';
import { undeclaredProvider } from './to-model-ref.ts';
import { toPrice } from './to-price.ts';

type ModelInput = ConfigInput['models'][string];

/** The `models` section; faults in the names go to `problems`. */
export function toModels(
  inputs: Readonly<Record<string, ModelInput>>,
  declared: ReadonlySet<string>,
  problems: Problems,
): readonly ModelOverride[] {
  return Object.entries(inputs).flatMap(([name, input]) => {
    const parsed = parseModelRef(name);
    if (!parsed || !isModelName(parsed.name)) {
      problems.add(['models', name], 'a model is named as provider/model', 'key');
      return [];
    }
    if (!declared.has(parsed.provider)) {
      problems.add(['models', name], undeclaredProvider(parsed.provider, declared), 'key');
      return [];
    }
    return [toOverride(name as ModelRef, input)];
  });
}

function toOverride(ref: ModelRef, input: ModelInput): ModelOverride {
  const { price, ...rest } = input;
  const override: ModelOverride = { ref, ...defined(rest), ...(price && { price: toPrice(price) }) };
  return override;
}

type Defined<Fields> = { [Field in keyof Fields]: Exclude<Fields[Field], undefined> };

/** Without the fields that are undefined: an absent field means "not said". */
function defined<Fields extends object>(fields: Fields): Defined<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<Fields>;
}
