import { complete } from './complete.ts';
import { costReport } from './cost-report.ts';
import { embed } from './embed.ts';
import { listModels } from './list-models.ts';
import { providerStatus } from './provider-status.ts';
import { routePreview } from './route-preview.ts';
import type { Tool } from './tool.ts';

/** Every tool, in the order clients see them. A new tool is one file and one line here. */
export const TOOLS: readonly Tool[] = [complete, providerStatus, costReport, routePreview, listModels, embed];
