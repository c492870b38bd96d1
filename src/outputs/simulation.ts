/** What an output says where the cluster is a sandbox. */
export interface Simulation {
  readonly simulated: boolean;
}
