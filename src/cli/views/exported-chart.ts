import { apiVersion } from '../../outputs/api-version.ts';
import type { ExportedChart } from '../../services/export-chart.ts';
import type { ResultView } from './print.ts';

/** What was written, and how Helm goes on with it. */
export function exportedChartView(exported: ExportedChart, folder: string): ResultView {
  const { name, namespace, revision, chart, version, files, set, madeOfObjects, ofHelm, isChart } = exported;
  const own = madeOfObjects === undefined;
  const flags = set.map((text) => ` --set '${text}'`).join('');
  const install = `helm install ${name} ${folder}/chart -f ${folder}/values.yaml${flags} -n ${namespace}`;
  const handOver = isChart
    ? `appstore adopt --back ${name} -n ${namespace}`
    : `appstore forget ${name} -n ${namespace} && ${install} --take-ownership --force-conflicts`;
  return {
    data: {
      apiVersion,
      kind: 'ExportedChart',
      ...{ name, namespace, revision, chart, version, folder },
      files: Object.keys(files).sort(),
      set,
      ...(own ? {} : { madeOfObjects }),
    },
    text: () =>
      [
        `+ ${folder}/chart        ${chart} ${version}, ${Object.keys(files).length} files${own ? '' : `; made of the objects, as ${madeOfObjects}`}`,
        `+ ${folder}/values.yaml  its values; they may hold secrets, and only you can read them`,
        '',
        `Install it elsewhere:          ${install}`,
        ...(ofHelm === true ? [] : [`Let Helm have what runs here:  ${handOver}`]),
      ].join('\n'),
  };
}
