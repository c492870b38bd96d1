import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiProblem } from '../api/problem.ts';
import { Loading } from './page.tsx';
import { ProblemBox } from './problem.tsx';

/** A page whose code is fetched when it is first come to. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let known: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [Page, setPage] = useState<ComponentType<P> | undefined>(() => known);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (Page !== undefined || failed) return;
      load().then(
        (loaded) => {
          known = loaded;
          setPage(() => loaded);
        },
        () => setFailed(true),
      );
    }, [failed]);
    if (Page !== undefined) return <Page {...props} />;
    if (!failed) return <Loading />;
    const problem = new ApiProblem({ status: 0, code: 'OFFLINE', message: '' });
    // A newer server has no files of the page before: loading anew brings its own.
    return <ProblemBox problem={problem} retry={() => location.reload()} />;
  };
}
