import { type TarEntry, tgz } from './tar.ts';

export interface ChartSample {
  readonly name: string;
  readonly version: string;
  /** Further lines of its Chart.yaml. */
  readonly more?: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

/** A chart as an archive. */
export function chartArchive({ name, version, more = '', files = {} }: ChartSample): Buffer {
  const head = `apiVersion: v2\nname: ${name}\nversion: ${version}\nappVersion: "1"\ndescription: what ${name} is\n${more}`;
  const others: readonly TarEntry[] = Object.entries(files).map(([path, content]) => ({
    name: `${name}/${path}`,
    content,
  }));
  return tgz([{ name: `${name}/Chart.yaml`, content: head }, ...others]);
}
