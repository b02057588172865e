import { stableUuid } from "./stable-uuid.js";

export interface ArtifactTypeRecord {
  readonly id: number;
  readonly name: string;
  readonly programmatic_name: string;
  readonly desc: string;
  readonly enabled: boolean;
  readonly file: boolean;
  readonly multi_aware: boolean;
  readonly parse_as_csv: boolean;
  readonly reg_exp: string | null;
  readonly split_on: string | null;
  readonly system: boolean;
  readonly use_for_relationships: boolean;
  readonly default_scan_option: string;
  readonly uuid: string;
  readonly export_key: string;
  readonly version: number;
  readonly tags: readonly unknown[];
}

// Ids of the built-in types are the same on every server.
const builtIn: readonly (readonly [number, string])[] = [
  [1, "IP Address"],
  [2, "DNS Name"],
  [3, "URL"],
  [4, "RFC 822 Email Message File"],
  [5, "Email Subject"],
  [6, "Email Body"],
  [7, "Email Attachment"],
  [8, "Email Attachment Name"],
  [9, "Email Sender"],
  [12, "Malware Sample"],
  [13, "Malware MD5 Hash"],
  [14, "Malware SHA-1 Hash"],
  [15, "Log File"],
  [16, "Other File"],
  [19, "Email Sender Name"],
  [20, "Email Recipient"],
  [22, "Malware Sample Fuzzy Hash"],
  [23, "User Account"],
  [24, "Registry Key"],
  [25, "System Name"],
  [26, "Process Name"],
  [27, "Port"],
  [28, "Service"],
  [29, "String"],
  [30, "Mutex"],
  [31, "File Name"],
  [32, "Password"],
  [34, "HTTP Request Header"],
  [35, "HTTP Response Header"],
  [36, "X509 Certificate File"],
  [37, "File Path"],
  [38, "Malware SHA-256 Hash"],
  [39, "MAC Address"],
  [40, "URL Referer"],
  [41, "User Agent"],
  [42, "URI Path"],
  [43, "Threat CVE ID"],
  [44, "Network CIDR Range"],
  [45, "Malware Family/Variant"],
  [46, "Observed Data"],
  [47, "Network Traffic"],
  [48, "Malware SHA-512 Hash"],
];

const files = new Set([4, 7, 12, 15, 16, 36]);
const multiAware = new Set([1, 2, 3, 13, 14, 34, 35, 38, 39, 43, 44]);
const splitOn: Readonly<Record<number, string>> = { 3: "\\r?\\n|\\s", 34: "\\r?\\n", 35: "\\r?\\n" };

export function newArtifactType(
  id: number,
  name: string,
  own: Partial<ArtifactTypeRecord> = {},
): ArtifactTypeRecord {
  const programmaticName = own.programmatic_name ?? name;
  return {
    id,
    name,
    programmatic_name: programmaticName,
    desc: "",
    enabled: true,
    file: false,
    multi_aware: false,
    parse_as_csv: false,
    reg_exp: null,
    split_on: null,
    system: false,
    use_for_relationships: true,
    default_scan_option: "unsupported",
    uuid: stableUuid(`artifact type ${programmaticName}`),
    export_key: programmaticName,
    version: 1,
    tags: [],
    ...own,
  };
}

/** The built-in ones and the app's own "URL String". */
export function seedArtifactTypes(): ArtifactTypeRecord[] {
  const types = builtIn.map(([id, name]) =>
    newArtifactType(id, name, {
      file: files.has(id),
      multi_aware: multiAware.has(id),
      split_on: splitOn[id] ?? null,
      system: true,
      default_scan_option: id <= 3 ? "on" : "unsupported",
    }),
  );
  return [
    ...types,
    newArtifactType(1000, "URL String", { programmatic_name: "url_string", desc: "TruSTAR indicators" }),
  ];
}
