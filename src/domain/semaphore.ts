/** Lets so many work at once; the others wait in the order in which they came. */
export interface Semaphore {
  run<T>(capacity: number, work: () => Promise<T>): Promise<T>;
}

/** Makes one. The capacity is given each time: it is known only once a connection is there. */
export function semaphore(): Semaphore {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    run: async (capacity, work) => {
      while (running >= capacity) await new Promise<void>((resolve) => waiting.push(resolve));
      running++;
      try {
        return await work();
      } finally {
        running--;
        waiting.shift()?.();
      }
    },
  };
}
