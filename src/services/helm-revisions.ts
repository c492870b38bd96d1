import type { ClusterFacts, Package, UserOptions } from '../domain/app.ts';
import { HELM_CATALOG } from '../domain/catalog-names.ts';
import { contentDigest } from '../domain/content-digest.ts';
import { chartFiles } from '../domain/helm-chart-files.ts';
import { summaryOfRelease, versionsOf } from '../domain/helm-history.ts';
import { renderedOfRelease } from '../domain/helm-manifest.ts';
import type { HelmRelease } from '../domain/helm-release.ts';
import { eventsOf } from '../domain/hooks.ts';
import { likelySecretPaths } from '../domain/likely-secrets.ts';
import { madeSecrets } from '../domain/made-secrets.ts';
import { markOpening } from '../domain/opens-volumes.ts';
import type { PastRevision } from './ports.ts';

/**
 * A revision of Helm as one of ours: the user's values, the chart as a package, and the rendered objects, hooks among them.
 * `facts` are those of today: what the cluster was like then is not known.
 */
export function pastRevision(
  release: HelmRelease,
  { facts, digestKey }: { readonly facts: ClusterFacts; readonly digestKey: string },
): PastRevision {
  const files = packageOf(release);
  const objects = renderedOfRelease(release, `revision ${release.version} of ${release.name}`);
  const hooks = eventsOf(objects);
  const secrets = madeSecrets(
    objects.map(({ object }) => object),
    { made: [], found: [] },
  );
  const options: UserOptions = {
    values: release.config,
    secretRefs: [],
    patches: [],
    imageRegistry: '',
    imagePullSecrets: [],
    yielded: [],
  };
  return {
    summary: { ...summaryOfRelease(release), ...(hooks.length === 0 ? {} : { hooks }) },
    package: files,
    content: {
      number: release.version,
      package: files.resolved,
      options,
      facts,
      secretPaths: likelySecretPaths(release.config),
      ...(secrets.length === 0 ? {} : { madeSecrets: secrets }),
      digestKey,
      rendered: {
        objects: markOpening(objects, secrets),
        outputs: [],
        open: [],
        notes: release.notes,
        problems: [],
      },
    },
  };
}

function packageOf(release: HelmRelease): Package {
  const files = chartFiles(release.chart);
  return {
    resolved: {
      catalog: HELM_CATALOG,
      name: String(release.chart.metadata.name),
      ...versionsOf(release),
      contentDigest: contentDigest(files),
      source: `Helm release ${release.namespace}/${release.name}`,
    },
    files,
  };
}
