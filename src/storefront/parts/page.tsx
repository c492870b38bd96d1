import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useShop } from '../shop.ts';

/** The heading of a page. It takes the focus when the page is come to, so that a screen reader reads on from there. */
export function PageTitle({
  text,
  children,
}: {
  readonly text: string;
  readonly children?: ComponentChildren;
}) {
  const { moved, t } = useShop();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = text === t.frame.title ? text : `${text} · ${t.frame.title}`;
  }, [text, t]);
  useEffect(() => {
    if (moved) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children ?? text}
    </h1>
  );
}

/** For when what had the focus is gone: a screen reader reads on from the heading of the page. */
export function focusTitle(): void {
  document.querySelector('h1')?.focus();
}

/** For a part that goes next: where the focus is in it, the heading of the page takes it. */
export function handFocusOver(part: Element | null): void {
  if (part?.contains(document.activeElement) === true) focusTitle();
}

/** What is shown while the first of a page is on its way. It appears late, so that a quick answer does not flicker. */
export function Loading() {
  const { t } = useShop();
  return (
    <p class="loading" role="status">
      <span class="spinner" aria-hidden="true" />
      {t.frame.loading}
    </p>
  );
}

/** Where there would be something to see. */
export function Empty({
  title,
  text,
  children,
}: {
  /** Absent where the heading of the page says it. */
  readonly title?: string;
  readonly text: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      {title === undefined ? null : <h2>{title}</h2>}
      <p>{text}</p>
      {children}
    </div>
  );
}
