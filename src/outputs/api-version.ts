/** The version of every output's shape (docs/outputs.md). */
export const apiVersion = 'appstore.dev/v1';
