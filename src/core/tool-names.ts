/** The tools that MCP clients are offered where the configuration says nothing; their list has a weight to keep. */
export const DEFAULT_TOOLS = ['complete', 'provider_status', 'cost_report', 'route_preview', 'list_models'] as const;

/** Every tool, in the order clients see them. */
export const TOOL_NAMES = [...DEFAULT_TOOLS, 'embed'] as const;
export type ToolName = (typeof TOOL_NAMES)[number];
