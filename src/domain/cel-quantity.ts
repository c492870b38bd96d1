import type { Quantity } from './quantity.ts';

/** A Kubernetes quantity as a value of CEL: the library tells types by their class. */
export class CelQuantity {
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    this.quantity = quantity;
  }
}
