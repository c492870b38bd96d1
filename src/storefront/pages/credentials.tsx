import { useState } from 'preact/hooks';
import type { ApiProblem } from '../api/problem.ts';
import type { CredentialList } from '../api/types.ts';
import { Copyable } from '../parts/copy.tsx';
import { Icon } from '../parts/icons.tsx';
import { ProblemBox } from '../parts/problem.tsx';
import { asProblem } from '../parts/use-load.ts';
import type { DeploymentName } from '../router.ts';
import { useShop } from '../shop.ts';
import { deploymentPath } from './mine.tsx';

/** Passwords that were made, shown on request and never kept. */
export function Credentials({ cluster, namespace, name }: DeploymentName) {
  const { api, t } = useShop();
  const [found, setFound] = useState<readonly { readonly key: string; readonly value: string }[]>();
  const [problem, setProblem] = useState<ApiProblem>();
  const path = `${deploymentPath({ namespace, name })}/credentials`;
  const show = async () => {
    setProblem(undefined);
    try {
      const { items } = await api.get<CredentialList>(path, { cluster });
      const values = await Promise.all(
        items.map(async ({ key }) => {
          const { items: one } = await api.get<CredentialList>(path, { cluster, key });
          const [shown] = one;
          return { key, value: shown !== undefined && 'value' in shown ? shown.value : '' };
        }),
      );
      setFound(values);
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  return (
    <section class="panel">
      <h2>{t.deployment.credentials}</h2>
      <p class="quiet">{t.deployment.credentialsText}</p>
      {problem === undefined ? null : <ProblemBox problem={problem} retry={show} />}
      {found?.length === 0 ? <p>{t.deployment.credentialsNone}</p> : null}
      {found?.map(({ key, value }) => (
        <div key={key}>
          <p class="field-label">{key}</p>
          <Copyable text={value} label={key} />
        </div>
      ))}
      <button
        type="button"
        class="button"
        aria-expanded={found !== undefined}
        onClick={() => (found === undefined ? void show() : setFound(undefined))}
      >
        <Icon name="key" size={18} />
        {found === undefined ? t.deployment.credentialsShow : t.deployment.credentialsHide}
      </button>
    </section>
  );
}
