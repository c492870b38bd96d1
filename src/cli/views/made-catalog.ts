import { signerText } from '../../domain/index-statement.ts';
import { cleanLine } from '../../domain/text.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import type { MadeCatalog } from '../../services/catalog-maker.ts';
import type { ResultView } from './print.ts';

/** Versions that are named before it says how many more there are. */
const shown = 20;

/** What came of building or pushing a catalog. */
export function madeCatalogView(made: MadeCatalog): ResultView {
  return {
    data: { apiVersion, kind: 'MadeCatalog', ...made },
    text: () => {
      const { added, problems, apps, versions, location, signed } = made;
      const more = added.length - shown;
      return [
        ...added.slice(0, shown).map(({ name, version }) => `+ ${cleanLine(name)} ${cleanLine(version)}`),
        ...(more > 0 ? [`+ ${more} more`] : []),
        ...problems.map(({ at = '', message }) => `! ${cleanLine(at)}: ${cleanLine(message)}`),
        `${added.length === 0 ? 'Nothing new. ' : ''}${count(apps, 'app')}, ${count(versions, 'version')} in ${cleanLine(location)}`,
        ...(signed === undefined
          ? []
          : [
              `Signed as ${cleanLine(signed.catalog)}, version ${signed.version}, until ${signed.expires}, by ${[signed, ...(signed.others ?? [])].map((one) => cleanLine(signerText(one))).join(' and ')}`,
            ]),
      ].join('\n');
    },
  };
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
