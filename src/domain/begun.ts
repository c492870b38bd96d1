/** A promise that may fail before anybody waits for it, or without that anybody ever does. */
export function begun<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
