import type { Choices, DetectedProvider } from './choices.ts';

/**
 * `mcp.config.json` with comments: what was chosen, and beside it, commented out, what else there
 * is. Keys are references to the environment; a secret never gets into the file.
 */
export function renderConfig({ providers, others, strategy }: Choices, schema: string | undefined): string {
  return `// Signalbox's configuration. "signalbox check" says whether it is right, and what it comes to.
{
${schema === undefined ? '' : `  "$schema": ${JSON.stringify(schema)},\n`}  // "\${NAME}" stands for an environment variable, "file:/path" for the contents of a file. Keys belong
  // there, not here. A provider whose variable is not set is left out, with a warning.
  "providers": {
${providers.map((provider) => `    ${renderProvider(provider)},`).join('\n')}
${others.map((provider) => `    // ${renderProvider(provider)},`).join('\n')}${others.length > 0 ? '\n' : ''}    // "lmstudio": { "kind": "openai-compatible", "baseUrl": "http://127.0.0.1:1234/v1" },
  },

  "routing": {
    // How the list of a tier or task is ranked: complexity (as written), cost, quality or priority.
    "strategy": ${JSON.stringify(strategy)},
    // Lists of your own, tried in order; without them they are chosen from the providers above.
    // "tiers": { "trivial": ["ollama/llama3.2"], "expert": ["anthropic/claude-opus-5-5"] },
    // "tasks": { "vision": ["gemini/gemini-3.8-flash"] },
    // "fallback": ["openai/gpt-6-luna"],
  },

  // Exact repeats are answered from here.
  "cache": { "enabled": true, "ttl": "7d", "maxBytes": "256MB" },

  // Prices, windows and abilities that are not known or not right.
  // "models": { "lmstudio/qwen3-8b": { "price": { "inputPerMTok": 0, "outputPerMTok": 0 }, "contextTokens": 32768 } },

  // For "signalbox serve". Without tokens here it takes the one in SIGNALBOX_TOKEN.
  // "server": { "port": 8787, "tokens": [{ "name": "me", "value": "\${SIGNALBOX_TOKEN}" }] },

  // "limits": { "attemptsMax": 3, "firstTokenMs": 30000, "idleMs": 30000, "totalMs": 600000 },
}
`;
}

function renderProvider({ id, kind, keyNames: [usualKey], keyName = usualKey, baseUrl }: DetectedProvider): string {
  const parts = [
    `"kind": ${JSON.stringify(kind)}`,
    ...(baseUrl === undefined ? [] : [`"baseUrl": ${JSON.stringify(baseUrl)}`]),
    ...(keyName === undefined ? [] : [`"apiKey": "\${${keyName}}"`]),
  ];
  return `${JSON.stringify(id)}: { ${parts.join(', ')} }`;
}
