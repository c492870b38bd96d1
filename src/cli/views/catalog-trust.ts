import { signerText } from '../../domain/index-statement.ts';
import { cleanLine } from '../../domain/text.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import type { TrustReport } from '../../services/catalog-store.ts';
import type { ResultView } from './print.ts';

/** Whom a catalog is pinned to. */
export function catalogTrustView(report: TrustReport): ResultView {
  return {
    data: { apiVersion, kind: 'CatalogTrust', ...report },
    text: () => {
      const { name, signers, as, updateNeeded } = report;
      if (signers.length === 0) return `${cleanLine(name)} is pinned to nobody`;
      const known = as === undefined ? '' : `, signed as ${cleanLine(as)}`;
      return [
        `${cleanLine(name)} is pinned to${known}:`,
        ...signers.map((one) => `  ${cleanLine(signerText(one))}`),
        ...(updateNeeded
          ? [`What is kept here is signed by none of them: \`appstore catalog update ${cleanLine(name)}\``]
          : []),
      ].join('\n');
    },
  };
}
