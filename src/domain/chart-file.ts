/** The file that makes a folder or archive a Helm chart. */
export const chartFile = 'Chart.yaml';
