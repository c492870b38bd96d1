import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiProblem } from '../api/problem.ts';
import { focusTitle } from '../parts/page.tsx';
import type { Draft } from './draft.ts';

/** The way from questions to the plan and back. */
export interface Steps {
  /** True once it was tried to go on: from then on everything that is wrong counts. */
  readonly tried: boolean;
  readonly reviewing: boolean;
  /** What the server says against answers, and no question shows. */
  readonly refused: ApiProblem | undefined;
  /** Goes on where nothing is wrong. */
  next(event: Event): boolean;
  /** For the review. */
  readonly review: { onBack(): void; onRefused(problem: ApiProblem): void };
}

/** What the history of the browser notes of the second step, so that its Back leads to the questions. */
const reviewStep = { step: 'review' };

function isReviewStep(): boolean {
  return (history.state as Partial<typeof reviewStep> | null)?.step === reviewStep.step;
}

/** `blocked`: something beside the form is wrong, and shows it by itself. */
export function useSteps(draft: Draft, blocked: () => boolean = () => false): Steps {
  const [tried, setTried] = useState(false);
  const [reviewing, setReviewing] = useState(false);
  const [refused, setRefused] = useState<ApiProblem>();
  const now = useRef({ draft, blocked, reviewing });
  now.current = { draft, blocked, reviewing };
  useEffect(() => {
    // A page that is loaded anew begins with the questions: passwords have to be typed again.
    if (isReviewStep()) history.replaceState(null, '');
    const moved = () => {
      const before = now.current;
      const after = isReviewStep() && !before.blocked() && before.draft.settle();
      setReviewing(after);
      if (before.reviewing && !after) focusTitle();
    };
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, []);
  const leave = () => {
    setReviewing(false);
    now.current = { draft, blocked, reviewing: false };
    if (isReviewStep()) history.back();
  };
  return {
    ...{ tried, reviewing, refused },
    next(event) {
      event.preventDefault();
      setTried(true);
      setRefused(undefined);
      const isBlocked = blocked();
      if (!draft.settle({ quiet: isBlocked }) || isBlocked) return false;
      history.pushState(reviewStep, '');
      setReviewing(true);
      scrollTo({ top: 0 });
      return true;
    },
    review: {
      onBack: leave,
      onRefused(problem) {
        leave();
        if (draft.tell(problem.problems).length > 0) setRefused(problem);
      },
    },
  };
}
