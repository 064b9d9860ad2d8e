import { TOOL_NAMES, type ToolName } from '../../core/tool-names.ts';
import { complete } from './complete.ts';
import { costReport } from './cost-report.ts';
import { embed } from './embed.ts';
import { listModels } from './list-models.ts';
import { providerStatus } from './provider-status.ts';
import { routePreview } from './route-preview.ts';
import type { Tool } from './tool.ts';

export const TOOLS_BY_NAME: Readonly<Record<ToolName, Tool>> = {
  complete,
  provider_status: providerStatus,
  cost_report: costReport,
  route_preview: routePreview,
  list_models: listModels,
  embed,
};

/** Every tool, in the order clients see them. */
export const TOOLS: readonly Tool[] = TOOL_NAMES.map((name) => TOOLS_BY_NAME[name]);
