import { generate } from "selfsigned";

export interface Certificate {
  readonly certPem: string;
  readonly keyPem: string;
}

/** Self-signed, for loopback, as an appliance presents one: it is its own CA. */
export async function createCertificate(): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
    algorithm: "sha256",
    keyType: "ec",
    extensions: [
      { name: "basicConstraints", cA: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
  });
  return { certPem: cert, keyPem: key };
}
