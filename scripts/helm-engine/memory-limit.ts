/** Bytes of a page of WebAssembly's memory. */
const page = 65_536;

const memorySection = 5;

/**
 * Gives the memory of a module a maximum: Go writes none, and neither Node nor V8 bounds it otherwise (a Worker's resourceLimits do
 * not cover it). https://webassembly.github.io/spec/core/binary/modules.html#memory-section
 *
 * @param bytes the maximum, in bytes
 */
export function limitMemory(module: Uint8Array, bytes: number): Uint8Array {
  let at = 8;
  while (at < module.length) {
    const id = module[at];
    const size = readUnsigned(module, at + 1);
    const end = size.end + size.value;
    if (id === memorySection) {
      const content = limited(module.subarray(size.end, end), Math.floor(bytes / page));
      const section = [memorySection, ...unsigned(content.length), ...content];
      return Buffer.concat([module.subarray(0, at), Uint8Array.from(section), module.subarray(end)]);
    }
    at = end;
  }
  throw new Error('the module has no memory of its own');
}

function limited(section: Uint8Array, most: number): number[] {
  const count = readUnsigned(section, 0);
  const [flags] = section.subarray(count.end);
  const least = readUnsigned(section, count.end + 1);
  if (count.value !== 1 || (flags !== 0 && flags !== 1))
    throw new Error('the module has another kind of memory than is known');
  return [...unsigned(1), 1, ...unsigned(least.value), ...unsigned(most)];
}

function readUnsigned(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = start, shift = 0; ; at++, shift += 7) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, end: at + 1 };
  }
}

function unsigned(value: number): number[] {
  const low = value % 128;
  return value < 128 ? [low] : [low + 128, ...unsigned(Math.floor(value / 128))];
}
