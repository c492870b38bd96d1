/** A number of things that may be had at once. */
export interface Slots {
  /** Takes one if there is one left. */
  take(): boolean;
  release(): void;
}

export function createSlots(count: number): Slots {
  let left = count;
  return {
    take: () => {
      if (left === 0) return false;
      left--;
      return true;
    },
    release: () => {
      left++;
    },
  };
}
