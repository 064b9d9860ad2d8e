import type { JsonObject } from '../../core/json/json.ts';
import type { ScriptedFailure, VendorCall } from './scripted.ts';
import { jsonReply, type WireReply } from './vendor-wire.ts';

type Shape = readonly [code: number, status: string, message: string, details?: readonly JsonObject[]];

const KEY_INVALID = {
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason: 'API_KEY_INVALID',
  domain: 'googleapis.com',
};

const DAY_USED_UP = {
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [
    {
      quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests',
      quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier',
      quotaValue: '250',
    },
  ],
};

/** Gemini's failures as it words them. Source: ai.google.dev/gemini-api/docs/troubleshooting. */
function shapeOf({ failure }: ScriptedFailure, call: VendorCall | undefined): Shape {
  const model = call && 'model' in call ? call.model : 'unknown';
  switch (failure) {
    case 'auth':
      return [400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [KEY_INVALID]];
    case 'rate_limited':
      return [429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'];
    case 'quota':
      return [429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.', [DAY_USED_UP]];
    case 'unknown_model':
      return [404, 'NOT_FOUND', `models/${model} is not found for API version v1beta.`];
    case 'invalid':
      return [400, 'INVALID_ARGUMENT', 'Invalid JSON payload received. Unknown name "content".'];
    case 'context_too_long':
      return [
        400,
        'INVALID_ARGUMENT',
        'The input token count (9000) exceeds the maximum number of tokens allowed (8192).',
      ];
    // A blocked prompt is an answer with this vendor; a refused request is a plain bad one.
    case 'content_filter':
      return [400, 'INVALID_ARGUMENT', 'Request contains an invalid argument.'];
    case 'overloaded':
    case 'unavailable':
      return [503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'];
    case 'server_error':
      return [500, 'INTERNAL', 'An internal error has occurred. Please retry.'];
  }
}

function bodyOf(scripted: ScriptedFailure, call: VendorCall | undefined) {
  const [code, status, message, details] = shapeOf(scripted, call);
  return { error: { code, message: scripted.message ?? message, status, ...(details && { details }) } };
}

export function geminiFailureReply(scripted: ScriptedFailure, call: VendorCall | undefined): WireReply {
  const [code] = shapeOf(scripted, call);
  return jsonReply(code, bodyOf(scripted, call), scripted.headers);
}

export function geminiFailureFrame(scripted: ScriptedFailure): string {
  return `data: ${JSON.stringify(bodyOf(scripted, undefined))}\r\n\r\n`;
}
