/** The package that brings the helper of a platform, by Node's names of it, and its file. Published beside the program (scripts/pack.ts). */
export function helperPackage(
  platform: string,
  arch: string,
): { readonly name: string; readonly file: string } {
  return {
    name: `appstore-engine-${platform}-${arch}`,
    file: platform === 'win32' ? 'engine.exe' : 'engine',
  };
}
