import { randomUUID } from 'node:crypto';
import type { ScriptedAnswer, ScriptedFailure } from '../../src/demo/vendors/scripted.ts';
import {
  deliverPlainly,
  type SimulatedVendor,
  startSimulatedVendor,
  type VendorRequest,
} from '../../src/demo/vendors/simulated-vendor.ts';
import type { VendorWire, WireReply } from '../../src/demo/vendors/vendor-wire.ts';
import { deliverWithFault, type Fault } from './faults.ts';

/** What happens to one request: an answer or a failure in the vendor's own words, and a fault. */
export type Step = { readonly say?: ScriptedAnswer | ScriptedFailure; readonly fault?: Fault };

export type FakeUpstream = SimulatedVendor & {
  /** Queues what the next requests get, in order; afterwards the default answer is given. */
  script(...steps: Step[]): void;
  /** Resolves with the request of that number, counted from 0, once it has come. */
  received(index: number): Promise<VendorRequest>;
  /** What happened to a request. */
  stepOf(request: VendorRequest): Step;
  /** What this vendor calls a request; undefined when its calls have no ids of their own. */
  idOf(request: VendorRequest): string | undefined;
};

export type FakeUpstreamOptions = {
  readonly models: readonly string[];
  readonly keys?: readonly string[];
  readonly port?: number;
  /** What is said when nothing is scripted. */
  readonly otherwise?: ScriptedAnswer;
  /** Instead, what happens to a request for which nothing is scripted. */
  readonly react?: (request: VendorRequest) => Step;
  /** Each call has an id of its own, as with real vendors; otherwise they all have the same. */
  readonly hasOwnIds?: boolean;
};

const DEFAULT_ANSWER: ScriptedAnswer = {
  text: 'Hello there.',
  usage: { inputTokens: 9, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 3, reasoningTokens: 0 },
};

/** A simulated vendor that does what a test scripts, request by request, and keeps exact books. */
export async function startFakeUpstream(
  wire: VendorWire,
  { otherwise = DEFAULT_ANSWER, react = () => ({}), hasOwnIds = false, ...options }: FakeUpstreamOptions,
): Promise<FakeUpstream> {
  const queue: Step[] = [];
  const steps = new WeakMap<VendorRequest, Step>();
  const stepOf = (request: VendorRequest): Step => {
    const step = steps.get(request) ?? queue.shift() ?? react(request);
    steps.set(request, step);
    return step;
  };
  const ids = new WeakMap<VendorRequest, string>();
  const vendor = await startSimulatedVendor(wire, {
    ...options,
    answer: (_call, request) => stepOf(request).say ?? otherwise,
    async deliver(delivery) {
      const { say, fault } = stepOf(delivery.request);
      const { call } = delivery.request;
      // Failures can be scripted for model lists and embeddings as well.
      const worded = say && 'failure' in say ? wire.failure(say, call) : delivery.reply;
      const reply = hasOwnIds ? withOwnId(worded, delivery.request, ids) : worded;
      delivery.request.status = reply.status;
      if (fault) await deliverWithFault(wire, fault, { ...delivery, reply });
      else await deliverPlainly({ ...delivery, reply });
    },
  });
  return {
    ...vendor,
    script: (...more) => queue.push(...more),
    stepOf,
    idOf: (request) => ids.get(request),
    async received(index) {
      while (vendor.requests[index] === undefined) await new Promise((resolve) => setTimeout(resolve, 2));
      return vendor.requests[index];
    },
  };
}

const SIMULATED_ID = /\b(?:chatcmpl-|msg_|req_|resp_)simulated\w*/g;

/** The wires word every call with the same ids; here they get one of their own. */
function withOwnId(reply: WireReply, request: VendorRequest, ids: WeakMap<VendorRequest, string>): WireReply {
  const id = `call_${randomUUID()}`;
  ids.set(request, id);
  const renamed = (text: string) => text.replaceAll(SIMULATED_ID, id);
  const headers = Object.entries(reply.headers).map(([name, value]) => [name, renamed(value)]);
  return { ...reply, headers: Object.fromEntries(headers), frames: reply.frames.map(renamed) };
}
