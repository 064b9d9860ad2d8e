/** The warning without any configuration. What a command says of it itself, it leaves out. */
export const NOTHING_FOUND =
  'No provider is configured. Set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY or GROQ_API_KEY, start Ollama, or run `signalbox init` to write mcp.config.json.';
