import { generate } from "selfsigned";

export interface Certificate {
  readonly certPem: string;
  readonly keyPem: string;
}

type Name = { readonly type: 2; readonly value: string } | { readonly type: 7; readonly ip: string };

const loopback: readonly Name[] = [
  { type: 2, value: "localhost" },
  { type: 7, ip: "127.0.0.1" },
];

/** Self-signed, as an appliance presents one: it is its own CA. */
export async function createCertificate(names: readonly Name[] = loopback): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
    algorithm: "sha256",
    keyType: "ec",
    extensions: [
      { name: "basicConstraints", cA: true },
      {
        name: "subjectAltName",
        altNames: [...names],
      },
    ],
  });
  return { certPem: cert, keyPem: key };
}
