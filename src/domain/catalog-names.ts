/** The catalog name of packages that are opened by location (`./folder`, `oci://...`). No configured catalog may have it. */
export const LOCAL_CATALOG = 'local';

/** The catalog name of apps that were taken over from Helm, which does not say where a chart came from. No configured catalog may have it. */
export const HELM_CATALOG = 'helm-release';
