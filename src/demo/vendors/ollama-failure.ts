import type { ScriptedFailure, VendorCall } from './scripted.ts';
import { jsonReply, type WireReply } from './vendor-wire.ts';

/** Ollama's failures as it words them: a status and a sentence. Source: its server's routes. */
function shapeOf({ failure }: ScriptedFailure, call: VendorCall | undefined): readonly [number, string] {
  switch (failure) {
    case 'auth':
      return [401, 'unauthorized'];
    case 'rate_limited':
      return [429, 'too many requests'];
    case 'quota':
      return [429, "you've reached your weekly usage limit, upgrade for higher limits: https://ollama.com/upgrade"];
    case 'unknown_model':
      return [404, `model '${call && 'model' in call ? call.model : 'unknown'}' not found`];
    case 'invalid':
      return [400, 'invalid message content type: <nil>'];
    case 'context_too_long':
      return [400, 'the input length exceeds the context length'];
    // It filters nothing.
    case 'content_filter':
      return [400, 'invalid request'];
    case 'overloaded':
      return [503, 'server busy, please try again.  maximum pending requests exceeded'];
    case 'unavailable':
      return [502, 'upstream model is unavailable'];
    case 'server_error':
      return [500, 'llama runner process has terminated: exit status 2'];
  }
}

export function ollamaFailureReply(scripted: ScriptedFailure, call: VendorCall | undefined): WireReply {
  const [status, sentence] = shapeOf(scripted, call);
  return jsonReply(status, { error: scripted.message ?? sentence }, scripted.headers);
}

export function ollamaFailureFrame(scripted: ScriptedFailure): string {
  return `${JSON.stringify({ error: scripted.message ?? shapeOf(scripted, undefined)[1] })}\n`;
}
