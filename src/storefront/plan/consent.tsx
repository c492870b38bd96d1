import { useState } from 'preact/hooks';
import type { Consent as Kind } from '../../domain/errors.ts';
import type { ApiProblem } from '../api/problem.ts';
import { TypeName } from '../parts/type-name.tsx';
import { useShop } from '../shop.ts';
import { agreedTo, type Consents, consentsOf } from './consents.ts';

interface ConsentProps {
  readonly problem: ApiProblem;
  readonly given: Consents;
  /** Of the app: it is typed where data would be lost. */
  readonly name: string;
  onGive(consents: Consents): void;
}

/** What is refused until somebody agrees to it. Data goes only where the name of the app was typed. */
export function Consent({ problem, given, name, onGive }: ConsentProps) {
  const { t } = useShop();
  const { adopt, replace, replaceData } = consentsOf(problem);
  const agree = (kind: Kind, names: readonly string[]) => onGive(agreedTo(given, kind, names));
  return (
    <>
      {adopt.length === 0 ? null : (
        <div>
          <p>{t.plan.adoptText}</p>
          <p>
            <button type="button" class="button" onClick={() => agree('adopt', adopt)}>
              {t.plan.adopt(adopt.length)}
            </button>
          </p>
        </div>
      )}
      {replace.length === 0 ? null : (
        <div>
          <p>{t.plan.replaceText}</p>
          <p>
            <button type="button" class="button button-danger" onClick={() => agree('replace', replace)}>
              {t.plan.replace(replace.length)}
            </button>
          </p>
        </div>
      )}
      {replaceData.length === 0 ? null : (
        <DataConsent names={replaceData} name={name} onAgree={() => agree('replaceData', replaceData)} />
      )}
    </>
  );
}

function DataConsent({
  names,
  name,
  onAgree,
}: {
  readonly names: readonly string[];
  readonly name: string;
  onAgree(): void;
}) {
  const { t } = useShop();
  const [typed, setTyped] = useState('');
  return (
    <fieldset class="group group-danger">
      <legend>{t.deployment.data}</legend>
      <p>{t.plan.replaceDataText(names.length)}</p>
      <TypeName id="replace-name" name={name} typed={typed} onType={setTyped} />
      <p>
        <button type="button" class="button button-danger" disabled={typed !== name} onClick={onAgree}>
          {t.plan.replaceData(names.length)}
        </button>
      </p>
    </fieldset>
  );
}
