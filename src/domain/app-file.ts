/** The file that makes a folder a package of this program's own format. */
export const appFile = 'app.yaml';
