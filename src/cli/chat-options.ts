import type { Command } from 'commander';
import { Option } from 'commander';
import { STRATEGIES, TASKS, TIERS } from '../core/request.ts';
import type { ToolCommandOptions } from './call-tool.ts';
import { readJsonSchema, readPrompt } from './prompt-input.ts';

export type ChatOptions = ToolCommandOptions & {
  readonly model?: string;
  readonly provider?: string;
  readonly tier?: string;
  readonly task?: string;
  readonly strategy?: string;
  readonly system?: string;
  readonly jsonSchema?: string;
  readonly cache: boolean;
};

/** The prompt and the options of `ask` and `route`. */
export function addChatOptions(command: Command): Command {
  return command
    .argument('[prompt]', 'the question; read from standard input when absent or "-"')
    .option('--model <model>', 'force a model: provider/model, or a name that is known')
    .option('--provider <provider>', 'force a provider')
    .addOption(new Option('--tier <tier>', 'the difficulty; judged from the text by default').choices(TIERS))
    .addOption(new Option('--task <task>', 'the kind of work').choices(TASKS))
    .addOption(new Option('--strategy <strategy>', 'how the models are ranked').choices(STRATEGIES))
    .option('--system <text>', 'instructions for the model')
    .option('--json-schema <file>', 'answer with JSON of the schema in this file')
    .option('--no-cache', 'neither read the cache nor store the answer')
    .option('--json', 'print what the tool reports as JSON');
}

/** The arguments of `complete` and `route_preview`. */
export async function chatArguments(
  prompt: string | undefined,
  command: string,
  options: ChatOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const { model, provider, tier, task, strategy, system, jsonSchema, cache } = options;
  return {
    // The schema first: a mistake in it shows before anybody types a prompt.
    json_schema: jsonSchema === undefined ? undefined : await readJsonSchema(jsonSchema),
    prompt: await readPrompt(prompt, command),
    model,
    provider,
    tier,
    task,
    strategy,
    system,
    cache: cache ? undefined : 'off',
  };
}
