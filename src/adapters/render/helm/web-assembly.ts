/** As much of WebAssembly's JavaScript API as is used here: TypeScript declares it for browsers only. */
interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  readonly Module: { imports(module: WasmModule): readonly { readonly name: string }[] };
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: WasmExports };
}

/** A compiled module; it can be handed to a Worker. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string;
}

/** What Go's linker exports for wasip1. */
interface WasmExports {
  readonly memory: WasmMemory;
  _start(): void;
}

/** The buffer is another one after the memory has grown. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

export const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;
