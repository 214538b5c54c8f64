// ZIP archives for the tests, written byte by byte so that every field can lie. APPNOTE 6.3 §4.3.
import { crc32, deflateRawSync } from 'node:zlib';

/** One entry; what `central` and `local` give stands in that header alone, whatever is true. */
export type ZipSpec = {
  readonly name: string | Buffer;
  readonly content: string | Buffer;
  /** 8 unless said otherwise; anything but 0 and 8 keeps the content as it is. */
  readonly method?: number;
  readonly flags?: number;
  /** In place of what the content compresses to. */
  readonly compressed?: Buffer;
  readonly descriptor?: Buffer;
  readonly central?: HeaderLies & { readonly offset?: number; readonly attributes?: number; readonly comment?: string };
  readonly local?: HeaderLies;
  /** Bytes before the local header. */
  readonly before?: Buffer;
  /** The entry is in the directory alone; `central.offset` says where it claims to be. */
  readonly hasNoData?: boolean;
};

type HeaderLies = {
  readonly name?: string | Buffer;
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  readonly compressedSize?: number;
  readonly size?: number;
  readonly extra?: Buffer;
};

export type ZipLies = {
  readonly beforeDirectory?: Buffer;
  readonly afterDirectory?: Buffer;
  readonly after?: Buffer;
  readonly comment?: Buffer;
  readonly countHere?: number;
  readonly count?: number;
  readonly directorySize?: number;
  readonly directoryOffset?: number;
  readonly zip64?: {
    readonly count?: number;
    readonly countHere?: number;
    readonly size?: number;
    readonly offset?: number;
    readonly recordAt?: number;
  };
};

/** An archive of the entries, honest unless told otherwise. */
export function zip(specs: readonly ZipSpec[], lies: ZipLies = {}): Buffer {
  const body: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const spec of specs) {
    const data = compressed(spec);
    const before = spec.before ?? Buffer.alloc(0);
    const local = spec.hasNoData
      ? Buffer.alloc(0)
      : Buffer.concat([before, localHeader(spec, data), data, spec.descriptor ?? Buffer.alloc(0)]);
    directory.push(centralHeader(spec, data, at + before.length));
    body.push(local);
    at += local.length;
  }
  body.push(lies.beforeDirectory ?? Buffer.alloc(0));
  const start = at + (lies.beforeDirectory?.length ?? 0);
  const size = Buffer.concat(directory).length;
  return Buffer.concat([...body, ...directory, lies.afterDirectory ?? Buffer.alloc(0), ...ends(specs.length, start, size, lies)]);
}

/** An extra field: id, length, data. */
export function extraField(id: number, data: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(data.length, 2);
  return Buffer.concat([head, data]);
}

/** 64-bit numbers, little end first. */
export function u64(...values: readonly (number | bigint)[]): Buffer {
  return Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt(value));
      return bytes;
    }),
  );
}

function bytesOf(text: string | Buffer): Buffer {
  return typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
}

function compressed(spec: ZipSpec): Buffer {
  const content = bytesOf(spec.content);
  return spec.compressed ?? ((spec.method ?? 8) === 8 ? deflateRawSync(content) : content);
}

function localHeader(spec: ZipSpec, data: Buffer): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  commonFields(header, 4, spec, data, spec.local);
  return Buffer.concat([header, bytesOf(spec.local?.name ?? spec.name), spec.local?.extra ?? Buffer.alloc(0)]);
}

function centralHeader(spec: ZipSpec, data: Buffer, offset: number): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(0x0314, 4);
  commonFields(header, 6, spec, data, spec.central);
  const comment = Buffer.from(spec.central?.comment ?? '');
  header.writeUInt16LE(comment.length, 32);
  header.writeUInt32LE(spec.central?.attributes ?? 0, 38);
  header.writeUInt32LE(spec.central?.offset ?? offset, 42);
  return Buffer.concat([header, bytesOf(spec.central?.name ?? spec.name), spec.central?.extra ?? Buffer.alloc(0), comment]);
}

function commonFields(header: Buffer, at: number, spec: ZipSpec, data: Buffer, lies: HeaderLies = {}): void {
  const content = bytesOf(spec.content);
  header.writeUInt16LE(20, at);
  header.writeUInt16LE(lies.flags ?? spec.flags ?? 0, at + 2);
  header.writeUInt16LE(lies.method ?? spec.method ?? 8, at + 4);
  header.writeUInt32LE(lies.crc ?? crc32(content), at + 10);
  header.writeUInt32LE(lies.compressedSize ?? data.length, at + 14);
  header.writeUInt32LE(lies.size ?? content.length, at + 18);
  header.writeUInt16LE(bytesOf(lies.name ?? spec.name).length, at + 22);
  header.writeUInt16LE(lies.extra?.length ?? 0, at + 24);
}

function ends(entries: number, start: number, size: number, lies: ZipLies): Buffer[] {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(lies.countHere ?? entries, 8);
  record.writeUInt16LE(lies.count ?? entries, 10);
  record.writeUInt32LE(lies.directorySize ?? size, 12);
  record.writeUInt32LE(lies.directoryOffset ?? start, 16);
  record.writeUInt16LE(lies.comment?.length ?? 0, 20);
  const end = start + size + (lies.afterDirectory?.length ?? 0);
  return [
    ...(lies.zip64 ? zip64Ends(entries, start, size, end, lies.zip64) : []),
    record,
    lies.comment ?? Buffer.alloc(0),
    lies.after ?? Buffer.alloc(0),
  ];
}

function zip64Ends(entries: number, start: number, size: number, end: number, lies: NonNullable<ZipLies['zip64']>): Buffer[] {
  const record = Buffer.alloc(24);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  const locator = Buffer.alloc(8);
  locator.writeUInt32LE(0x07064b50, 0);
  const disks = Buffer.alloc(4);
  disks.writeUInt32LE(1, 0);
  const numbers = u64(lies.countHere ?? entries, lies.count ?? entries, lies.size ?? size, lies.offset ?? start);
  return [record, numbers, locator, u64(lies.recordAt ?? end), disks];
}
