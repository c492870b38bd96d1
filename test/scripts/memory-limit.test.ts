import { expect, test } from 'vitest';
import { limitMemory } from '../../scripts/helm-engine/memory-limit.ts';

interface Memory {
  grow(pages: number): number;
}

/** TypeScript declares WebAssembly for browsers only. */
const { WebAssembly: api } = globalThis as unknown as {
  WebAssembly: {
    Module: new (bytes: Uint8Array) => object;
    Instance: new (module: object) => { exports: { m: Memory } };
  };
};

const head = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
/** One page, without a maximum, exported as `m`. */
const memory = [5, 3, 1, 0, 1];
const exported = [7, 5, 1, 1, 0x6d, 2, 0];

test('a memory without a maximum gets one, and cannot grow beyond it', () => {
  const page = 65_536;
  const module = limitMemory(Uint8Array.from([...head, ...memory, ...exported]), 300 * page);
  const { m } = new api.Instance(new api.Module(module)).exports;
  expect(m.grow(299)).toBe(1);
  expect(() => m.grow(1)).toThrow(RangeError);
});

test('a module without a memory of its own is refused', () => {
  expect(() => limitMemory(Uint8Array.from(head), 65_536)).toThrow('no memory');
});
