import type { WireBody } from './wire-body.ts';

/** Names in lower case. A list stands for a header that comes several times. */
export type RequestHeaders = Readonly<Record<string, string | string[]>>;

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, below the base path of the server. */
  readonly path: string;
  readonly headers: RequestHeaders;
  readonly body?: string;
  /** Asked when there is room, right before it is sent. */
  readonly maySend?: () => boolean;
  /** Ends the request, also while its answer is read. */
  readonly signal: AbortSignal;
}

/** The head of an answer; the body is still to be read. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: WireBody;
}

/** A connection that carries several requests at once (HTTP/2), or a set of kept-alive ones (HTTP/1.1). */
export interface Connection {
  readonly protocol: 'h2' | 'http/1.1';
  /** Requests that it may carry at once. */
  readonly capacity: number;
  /** False once it ended or the server asked to go elsewhere (GOAWAY): open another one. */
  usable(): boolean;
  /** Throws LostConnection, or the reason of the signal. */
  send(request: WireRequest): Promise<WireResponse>;
  close(): Promise<void>;
}

/** The connection ended before the answer was complete. */
export class LostConnection extends Error {
  /** `no`: the server has certainly not acted on the request. */
  readonly processed: 'no' | 'unknown';

  constructor(processed: 'no' | 'unknown', cause: unknown) {
    super(`the connection was lost: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'LostConnection';
    this.processed = processed;
  }
}

/** The connection could not be made. */
export class DialFailure extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'DialFailure';
  }
}
