import { signerText } from '../../domain/index-statement.ts';
import { cleanLine } from '../../domain/text.ts';
import { apiVersion } from '../../outputs/api-version.ts';
import type { CatalogVerification } from '../../services/catalog-store.ts';
import type { ResultView } from './print.ts';

/** What came of checking the signatures of catalogs. */
export function catalogVerificationView(found: readonly CatalogVerification[]): ResultView {
  return {
    data: { apiVersion, kind: 'CatalogVerification', items: found },
    names: () => found.map(({ name }) => name),
    text: ({ palette }) =>
      found
        .map((one) => {
          const paint = { verified: palette.green, unsigned: palette.yellow, failed: palette.red }[
            one.outcome
          ];
          return [`${cleanLine(one.name)}: ${paint(one.outcome)}`, ...details(one)].join('\n');
        })
        .join('\n'),
  };
}

function details({ location, signature, server, problems }: CatalogVerification): readonly string[] {
  const { index } = signature ?? {};
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['location', location],
    [
      'signers',
      signature === undefined ? 'it is pinned to none' : signature.signers.map(signerText).join(' or '),
    ],
    ['signed by', index && signerText(index)],
    ['signed as', index?.catalog],
    ['kept here', index && `version ${index.version} of ${index.issued}, until ${index.expires}`],
    ['checked', index?.verifiedAt],
    ['server', server && `version ${server.version} of ${server.issued}, until ${server.expires}`],
  ];
  return [
    ...lines.flatMap(([label, text]) =>
      text === undefined ? [] : [`  ${label.padEnd(9)}  ${cleanLine(text)}`],
    ),
    ...problems.flatMap(({ code, message, hint }) => [
      `  ${code}: ${cleanLine(message)}`,
      `    ${cleanLine(hint)}`,
    ]),
  ];
}
