import type { Route } from '../router.ts';
import { Link } from './link.tsx';
import { Empty, PageTitle } from './page.tsx';

/** A page for what is not there, or not any more, with the way on. */
export function Gone({
  title,
  text,
  to,
  label,
}: {
  readonly title: string;
  readonly text: string;
  readonly to: Route;
  readonly label: string;
}) {
  return (
    <>
      <PageTitle text={title} />
      <Empty text={text}>
        <Link to={to} class="button button-main">
          {label}
        </Link>
      </Empty>
    </>
  );
}
