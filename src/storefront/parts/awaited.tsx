import { Loading } from './page.tsx';
import { ProblemBox, ProblemPage } from './problem.tsx';
import type { Load } from './use-load.ts';

/** In the place of what is not here yet: that it is on its way, or why it is not. `page`: of a whole page, which has a heading. */
export function Awaited({ load, page = false }: { readonly load: Load<unknown>; readonly page?: boolean }) {
  const { problem, reload } = load;
  if (problem === undefined) return <Loading />;
  return page ? (
    <ProblemPage problem={problem} retry={reload} />
  ) : (
    <ProblemBox problem={problem} retry={reload} />
  );
}
