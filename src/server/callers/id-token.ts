import { isObject, type JsonObject } from '../../domain/json.ts';

/** Seconds of the epoch between which an id token holds. */
export interface Lifetime {
  readonly from: number;
  readonly to: number;
}

/** What an id token says. It was checked when it came from the provider and was sealed since: nothing is checked again here. */
export function claimsOf(idToken: string): JsonObject {
  try {
    const claims: unknown = JSON.parse(
      Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString('utf8'),
    );
    return isObject(claims) ? claims : {};
  } catch {
    return {};
  }
}

/** One that does not say is over. */
export function lifetimeOf(idToken: string): Lifetime {
  const { iat, exp } = claimsOf(idToken);
  const to = typeof exp === 'number' ? exp : 0;
  return { from: typeof iat === 'number' ? iat : to, to };
}
