export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * An artifact as the platform posts it (ThreatServiceArtifactDTO). `type` is the wire name (`net.ip`, `hash.md5`, …);
 * `value` is a string for most types, `{name, value}` for headers, `{key, entry_name?, entry_value?}` for
 * `system.registry`, an array of strings for `email.header.to`, a number for `net.port`.
 */
export interface Artifact {
  readonly type: string;
  readonly value: Exclude<JsonValue, null | boolean>;
}

/** Lower-case hex digests of an uploaded file; the bytes themselves are never kept. */
export interface FileDigests {
  readonly md5: string;
  readonly sha1: string;
  readonly sha256: string;
}
