import type { Plugin } from 'esbuild';

interface Replacement {
  /** The import as @kubernetes/client-node writes it. */
  readonly module: RegExp;
  /** Why nothing is lost. */
  readonly reason: string;
  /** What it gets instead. */
  readonly contents: string;
}

const refuse = 'throw new Error("not part of this program")';

/**
 * Parts of @kubernetes/client-node that its `KubeConfig` imports and that we never call. As it comes it is 1.4 MB, most of it
 * generated models; what is left of it here is the reading of configuration and credentials.
 */
export const replacements: readonly Replacement[] = [
  {
    module: /^\.\/gen\/(index|rxjsStub)\.js$/,
    reason: 'generated models and clients: we speak plain JSON (src/adapters/kubernetes/transport.ts)',
    contents: `export class ServerConfiguration {} export const createConfiguration = () => { ${refuse} }; export const of = (value) => value;`,
  },
  {
    module: /^undici$/,
    reason: 'connections are our own',
    contents: `export class Agent { constructor() { ${refuse} } } export class ProxyAgent { constructor() { ${refuse} } }`,
  },
  {
    module: /^(socks|socks-proxy-agent|hpagent)$/,
    reason: 'proxies are our own: KubeConfig is given no proxy-url',
    contents: ['SocksClient', 'SocksProxyAgent', 'HttpProxyAgent', 'HttpsProxyAgent']
      .map((name) => `export class ${name} { constructor() { ${refuse} } }`)
      .join(' '),
  },
  {
    module: /^node:https$/,
    reason:
      'connections are our own: it fills in an agent that nobody uses, and loading what makes one took 3 ms of every command',
    contents: 'export default { Agent: class {} };',
  },
  {
    module: /^node:child_process$/,
    reason: 'programs are run for auth providers of clouds alone: it takes 2 ms to load, and is loaded then',
    contents: `const lazily = (name) => (...given) => process.getBuiltinModule('node:child_process')[name](...given);
      export default { execSync: lazily('execSync'), spawn: lazily('spawn'), spawnSync: lazily('spawnSync') };`,
  },
  {
    module: /^jsonpath-plus$/,
    reason: 'only the auth providers of clouds have a use for it: it is evaluated then',
    contents: "export const JSONPath = (options) => require('jsonpath-plus').JSONPath(options);",
  },
  {
    module: /^js-yaml$/,
    reason: 'it is given JSON: the file is read, with the place of a mistake, by our own YAML parser',
    contents: 'export const load = (text) => JSON.parse(text);',
  },
  {
    module: /^openid-client$/,
    reason:
      'OIDC is our own too (src/adapters/kubernetes/oidc.ts): its way fails with the openid-client that it brings',
    contents: `export const customFetch = Symbol('unused'); export const discovery = () => { ${refuse} }; export const refreshTokenGrant = discovery;`,
  },
];

const NAMESPACE = 'lean-client-node';

/** Puts the replacements in. Imports from anywhere else are not touched. */
export function leanClientNode(): Plugin {
  return {
    name: NAMESPACE,
    setup(build) {
      for (const [index, { module }] of replacements.entries()) {
        build.onResolve({ filter: module }, ({ importer, namespace }) =>
          namespace === 'file' && /@kubernetes[\\/]client-node[\\/]dist[\\/]/.test(importer)
            ? { path: String(index), namespace: NAMESPACE }
            : undefined,
        );
      }
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => {
        const contents = replacements[Number(path)]?.contents;
        return contents === undefined
          ? undefined
          : { contents, loader: 'js', resolveDir: import.meta.dirname };
      });
    },
  };
}
