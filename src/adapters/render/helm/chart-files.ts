import type { PackageFile } from '../../../domain/app.ts';

/** What Helm's loader gives a meaning to, in the chart itself and in every chart in its `charts/`. */
const meant =
  /^(charts\/[^/]+\/)*(Chart\.yaml|Chart\.lock|values\.yaml|values\.schema\.json|requirements\.(yaml|lock)|templates\/.*|charts\/[^/]+\.tgz)$/;

/** Folders of definitions, which are wanted as they are. */
const definitions = /^(charts\/[^/]+\/)*crds\//;

/** Whatever a template reads of other files, it names this. */
const readsFiles = /\bFiles\b/;

/**
 * The files of a chart that its rendering may depend on: READMEs, tests of CI, and definitions that nobody asked for stay here,
 * unless some template or value says `.Files`, through which it could read any of them.
 */
export function filesToSend(files: readonly PackageFile[], includeCrds: boolean): readonly PackageFile[] {
  const wanted = files.filter(({ path }) => meant.test(path) || (includeCrds && definitions.test(path)));
  return wanted.some(mayReadFiles) ? files : wanted;
}

/** An archive is not looked into: it has its own files within. */
function mayReadFiles({ path, content }: PackageFile): boolean {
  const isText = /\.(ya?ml|json)$|\/templates\/|^templates\//.test(path);
  return (
    isText &&
    readsFiles.test(Buffer.from(content.buffer, content.byteOffset, content.length).toString('latin1'))
  );
}
