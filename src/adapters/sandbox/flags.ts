import { join } from 'node:path';
import { keyFiles } from './keys.ts';
import type { SandboxLayout } from './layout.ts';

/** Names the key files absolutely. */
const keyFile = (layout: SandboxLayout, name: keyof typeof keyFiles): string =>
  join(layout.keys, keyFiles[name]);

/**
 * etcd speaks through unix sockets in the folder of the sandbox, which only the user can enter: no port to find, no
 * certificate to give. It wants the form host:port, which makes the name of the socket's file, relative to where it runs.
 */
const ETCD_CLIENTS = 'unix://etcd:1';
const ETCD_PEERS = 'unix://etcd:2';

export function etcdFlags(layout: SandboxLayout): readonly string[] {
  return [
    `--data-dir=${layout.etcdData}`,
    `--listen-client-urls=${ETCD_CLIENTS}`,
    `--advertise-client-urls=${ETCD_CLIENTS}`,
    `--listen-peer-urls=${ETCD_PEERS}`,
    `--initial-advertise-peer-urls=${ETCD_PEERS}`,
    `--initial-cluster=default=${ETCD_PEERS}`,
    '--enable-grpc-gateway=false', // it would dial back in over TCP
    '--unsafe-no-fsync', // throwaway: nothing has to survive a power cut
    '--log-level=warn',
  ];
}

export function apiServerFlags(layout: SandboxLayout, port: number): readonly string[] {
  return [
    `--etcd-servers=${ETCD_CLIENTS}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    '--endpoint-reconciler-type=none', // a loopback address is refused as an endpoint of the service `kubernetes`
    `--tls-cert-file=${keyFile(layout, 'server')}`,
    `--tls-private-key-file=${keyFile(layout, 'serverKey')}`,
    `--client-ca-file=${keyFile(layout, 'authority')}`,
    '--anonymous-auth=false',
    `--authentication-config=${layout.authentication}`,
    '--authorization-mode=RBAC',
    '--allow-privileged=true', // as every real cluster: PodSecurity decides, not the server
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${keyFile(layout, 'accounts')}`,
    `--service-account-signing-key-file=${keyFile(layout, 'accountsKey')}`,
    `--kubelet-certificate-authority=${keyFile(layout, 'authority')}`,
    `--kubelet-client-certificate=${keyFile(layout, 'client')}`,
    `--kubelet-client-key=${keyFile(layout, 'clientKey')}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--profiling=false',
  ];
}

/** Far above what a laptop can do: the default of 20 requests a second would be what a wait for 100 objects waits for. */
const UNTHROTTLED = ['--kube-api-qps=1000', '--kube-api-burst=2000'];

export function controllerManagerFlags(layout: SandboxLayout): readonly string[] {
  return [
    `--kubeconfig=${layout.kubeconfig}`,
    '--secure-port=0',
    '--leader-elect=false',
    '--enable-hostpath-provisioner',
    `--root-ca-file=${keyFile(layout, 'authority')}`,
    `--service-account-private-key-file=${keyFile(layout, 'accountsKey')}`,
    `--cluster-signing-cert-file=${keyFile(layout, 'authority')}`,
    `--cluster-signing-key-file=${keyFile(layout, 'authorityKey')}`,
    '--profiling=false',
    ...UNTHROTTLED,
  ];
}

export function schedulerFlags(layout: SandboxLayout): readonly string[] {
  return [
    `--kubeconfig=${layout.kubeconfig}`,
    '--secure-port=0',
    '--leader-elect=false',
    '--profiling=false',
    ...UNTHROTTLED,
  ];
}

export function kwokFlags(layout: SandboxLayout, port: number): readonly string[] {
  return [
    `--kubeconfig=${layout.kubeconfig}`,
    `--config=${join(layout.folder, 'kwok.yaml')}`,
    '--manage-all-nodes=true',
    '--cidr=10.244.0.1/16', // the default has 254 addresses for pods
    '--node-ip=127.0.0.1',
    `--node-port=${port}`,
    `--server-address=127.0.0.1:${port}`,
    `--tls-cert-file=${keyFile(layout, 'kubelet')}`,
    `--tls-private-key-file=${keyFile(layout, 'kubeletKey')}`,
    '--node-lease-duration-seconds=40',
  ];
}
