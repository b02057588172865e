import { generate } from "selfsigned";

export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
}

/** A private certificate authority, made on the fly. */
export interface Authority {
  readonly ca: string;
  /** A server certificate for this DNS name, and for no address. */
  issue(name: string): Promise<ServerCertificate>;
}

const kind = { keyType: "ec", algorithm: "sha256" } as const;

export async function createAuthority(name = "Test authority"): Promise<Authority> {
  const root = await generate([{ name: "commonName", value: name }], {
    ...kind,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return {
    ca: root.cert,
    issue: async (dnsName) => {
      const issued = await generate([{ name: "commonName", value: dnsName }], {
        ...kind,
        ca: { key: root.private, cert: root.cert },
        extensions: [
          { name: "basicConstraints", cA: false },
          { name: "keyUsage", digitalSignature: true },
          { name: "extKeyUsage", serverAuth: true },
          { name: "subjectAltName", altNames: [{ type: 2, value: dnsName }] },
        ],
      });
      return { key: issued.private, cert: issued.cert };
    },
  };
}
