// Undoes the transfer encoding of a body while it streams by. RFC 2045 §6.7 and §6.8, tolerant of broken input.

/** Decodes one body; chunks may be cut anywhere. */
export interface TransferDecoder {
  /** Decoded bytes that are certain so far. */
  write(chunk: Buffer): Buffer;
  /** What was still waiting for more. */
  end(): Buffer;
}

/** The decoder for an encoding (lower case); absent or unknown encodings pass bytes as they are. */
export function transferDecoderFor(encoding: string | undefined): TransferDecoder {
  if (encoding === 'base64') return new Base64Decoder();
  return encoding === 'quoted-printable' ? new QuotedPrintableDecoder() : identity;
}

const identity: TransferDecoder = { write: (chunk) => chunk, end: () => Buffer.alloc(0) };

class Base64Decoder implements TransferDecoder {
  #rest = '';

  write(chunk: Buffer): Buffer {
    const text = this.#rest + chunk.toString('latin1').replace(/[^A-Za-z0-9+/]/g, '');
    const whole = text.length - (text.length % 4);
    this.#rest = text.slice(whole);
    return Buffer.from(text.slice(0, whole), 'base64');
  }

  end(): Buffer {
    return Buffer.from(this.#rest, 'base64');
  }
}

class QuotedPrintableDecoder implements TransferDecoder {
  #rest = '';

  write(chunk: Buffer): Buffer {
    const text = this.#rest + chunk.toString('latin1');
    // An escape cut by the end of the chunk waits: `=`, `=A`, `=` CR.
    const open = text.lastIndexOf('=');
    const whole = open >= 0 && open > text.length - 3 && !text.startsWith('=\n', open) ? open : text.length;
    this.#rest = text.slice(whole);
    return decodeEscapes(text.slice(0, whole));
  }

  end(): Buffer {
    return decodeEscapes(this.#rest);
  }
}

function decodeEscapes(text: string): Buffer {
  const decoded = text.replace(/=(?:\r?\n|([0-9A-Fa-f]{2}))/g, (_, hex: string | undefined) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : '',
  );
  return Buffer.from(decoded, 'latin1');
}
