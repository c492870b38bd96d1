import type { Json, JsonObject } from '../../../domain/json.ts';
import type { ChartAnswers, ChartValues, LookupQuestion } from './engine.ts';
import { encodeFrame } from './frames.ts';
import { makeKey } from './keys.ts';
import { problemError } from './problems.ts';

/** A running engine: a process or a Worker. */
export interface Running {
  send(frame: Uint8Array): void;
  /** The headers that it sends; ends, or throws why, with the engine. */
  readonly headers: AsyncIterable<JsonObject>;
}

/** Answers for requests that ask nothing. */
export const noAnswers: ChartAnswers = {
  lookup: async () => ({}),
  checkValues: async () => {},
};

/**
 * Sends the request, answers what the engine asks, and gives its result. What an answer throws is thrown as it is: the engine
 * would make a text of it.
 *
 * @throws AppstoreError as `problemError` makes it of what the engine says, and what the answers throw.
 */
export async function converse(
  running: Running,
  request: Uint8Array,
  answers: ChartAnswers,
): Promise<JsonObject> {
  running.send(request);
  for await (const header of running.headers) {
    if (header.type === 'result') return header;
    if (header.type === 'problem') throw problemError(header);
    running.send(encodeFrame({ value: await answer(header, answers) }));
  }
  throw problemError({ stage: 'ended', message: 'the engine ended without an answer' });
}

async function answer(header: JsonObject, answers: ChartAnswers): Promise<Json> {
  const given = header.arguments as unknown;
  if (header.name === 'lookup') return answers.lookup(given as LookupQuestion);
  if (header.name === 'checkValues') {
    await answers.checkValues(given as readonly ChartValues[]);
    return null;
  }
  return makeKey(given as { readonly kind: string; readonly bits: number });
}
