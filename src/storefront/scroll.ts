import { type Left, leftAt } from './left.ts';

/** Notes in the current entry of the history what the page is to have again when somebody comes back. */
export function noteLeft(part: Partial<Left>): void {
  history.replaceState({ ...leftAt(history.state), ...part }, '');
}

/** Milliseconds that a page has to be as tall again as it was. */
const patience = 5000;

/** Goes to where a page was left, as soon as it is as tall again, unless somebody does something first. */
export function goBackTo(top: number): void {
  if (top === 0) return;
  const over = new AbortController();
  const until = performance.now() + patience;
  for (const type of ['wheel', 'touchstart', 'pointerdown', 'keydown', 'popstate'])
    addEventListener(type, () => over.abort(), { passive: true, signal: over.signal });
  const look = () => {
    if (performance.now() > until) over.abort();
    if (over.signal.aborted) return;
    if (document.documentElement.scrollHeight - innerHeight >= top) {
      scrollTo({ top });
      over.abort();
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
