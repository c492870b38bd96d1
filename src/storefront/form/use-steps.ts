import { useState } from 'preact/hooks';
import type { ApiProblem } from '../api/problem.ts';
import type { Draft } from './draft.ts';

/** The way from questions to the plan and back. */
export interface Steps {
  /** True once it was tried to go on: from then on everything that is wrong counts. */
  readonly tried: boolean;
  readonly reviewing: boolean;
  /** What the server says against answers, and no question shows. */
  readonly refused: ApiProblem | undefined;
  /** Goes on where nothing is wrong. `blocked`: something beside the form is, and shows it by itself. */
  next(event: Event, blocked?: () => boolean): boolean;
  /** For the review. */
  readonly review: { onBack(): void; onRefused(problem: ApiProblem): void };
}

export function useSteps(draft: Draft): Steps {
  const [tried, setTried] = useState(false);
  const [reviewing, setReviewing] = useState(false);
  const [refused, setRefused] = useState<ApiProblem>();
  return {
    ...{ tried, reviewing, refused },
    next(event, blocked) {
      event.preventDefault();
      setTried(true);
      setRefused(undefined);
      if (blocked?.() === true || !draft.settle()) return false;
      setReviewing(true);
      scrollTo({ top: 0 });
      return true;
    },
    review: {
      onBack: () => setReviewing(false),
      onRefused(problem) {
        setReviewing(false);
        if (draft.tell(problem.problems).length > 0) setRefused(problem);
      },
    },
  };
}
