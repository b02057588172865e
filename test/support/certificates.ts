import { generate } from "selfsigned";

export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface TestCertificates extends ServerCertificate {
  /** PEM of the authority: what a client must trust. */
  readonly ca: string;
}

/** A private certificate authority, made on the fly. */
export interface Authority {
  readonly ca: string;
  /** PEM of its key. */
  readonly key: string;
  /** A server certificate for these names, and for these addresses if any. */
  issue(names: string | readonly string[], addresses?: readonly string[]): Promise<ServerCertificate>;
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
    key: root.private,
    issue: async (names, addresses = []) => {
      const dnsNames = typeof names === "string" ? [names] : names;
      const issued = await generate([{ name: "commonName", value: dnsNames[0] ?? "localhost" }], {
        ...kind,
        ca: { key: root.private, cert: root.cert },
        extensions: [
          { name: "basicConstraints", cA: false },
          { name: "keyUsage", digitalSignature: true, critical: true },
          { name: "extKeyUsage", serverAuth: true },
          {
            name: "subjectAltName",
            altNames: [
              ...dnsNames.map((value) => ({ type: 2 as const, value })),
              ...addresses.map((ip) => ({ type: 7 as const, ip })),
            ],
          },
        ],
      });
      return { key: issued.private, cert: issued.cert };
    },
  };
}

/** A fresh authority and a certificate of this machine's loopback signed by it. */
export async function makeCertificates(hosts: readonly string[] = []): Promise<TestCertificates> {
  const authority = await createAuthority();
  return { ca: authority.ca, ...(await authority.issue(["localhost", ...hosts], ["127.0.0.1", "::1"])) };
}
