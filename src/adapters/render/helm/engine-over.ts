import type { JsonObject } from '../../../domain/json.ts';
import { noAnswers } from './conversation.ts';
import type { ChartAnswers, ChartDescription, ChartEngine, ChartRendering } from './engine.ts';
import { describeFrame, documentsFrame, renderFrame } from './requests.ts';

/** Sends one request to an engine and answers its result. */
type Run = (request: Uint8Array, answers: ChartAnswers, signal?: AbortSignal) => Promise<JsonObject>;

/** The engine over a way to run one request: both builds speak the same frames. */
export function engineOver(build: ChartEngine['build'], run: Run): ChartEngine {
  return {
    build,
    describe: async (files, signal) =>
      (await run(describeFrame(files), noAnswers, signal)) as unknown as ChartDescription,
    render: async (request, answers, signal) =>
      (await run(renderFrame(request), answers, signal)) as unknown as ChartRendering,
    documents: async (stream, signal) =>
      (await run(documentsFrame(stream), noAnswers, signal)) as unknown as ChartRendering,
  };
}
