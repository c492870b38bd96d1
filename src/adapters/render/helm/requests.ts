import type { PackageFile } from '../../../domain/app.ts';
import { filesToSend } from './chart-files.ts';
import type { ChartRequest } from './engine.ts';
import { encodeFrame } from './frames.ts';

/** The frame that asks for a rendering. */
export function renderFrame(request: ChartRequest): Uint8Array {
  const { files, ...header } = request;
  return withFiles({ type: 'render', keys: true, ...header }, filesToSend(files, request.includeCrds));
}

/** The frame that asks what there is to tell of a chart. */
export function describeFrame(files: readonly PackageFile[]): Uint8Array {
  return withFiles({ type: 'describe' }, files);
}

/** The frame that asks for the documents of a YAML stream. */
export function documentsFrame(stream: string): Uint8Array {
  return encodeFrame({ type: 'documents' }, [Buffer.from(stream)]);
}

function withFiles(header: object, files: readonly PackageFile[]): Uint8Array {
  const listed = files.map(({ path, content }) => ({ path, size: content.length }));
  return encodeFrame(
    { ...header, files: listed },
    files.map(({ content }) => content),
  );
}
