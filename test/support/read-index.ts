import { createReadStream } from 'node:fs';
import { readIndex } from '../../src/adapters/catalog/helm/read-index.ts';
import { writeIndex } from '../../src/adapters/catalog/helm/write-index.ts';

// A process of its own, whose memory the test bounds: builds the local index of a repository.
const [, , yaml = '', file = ''] = process.argv;
const facts = { location: 'x', read: '', etag: '', lastModified: '', reach: 'here', digest: '' };
const { apps, versions } = await writeIndex(file, readIndex(createReadStream(yaml)), () => facts);
process.stdout.write(JSON.stringify({ apps, versions }));
