/** strtobool's words, which rc-cts reads `upload_file` with. */
export const switchWords = {
  yes: "on",
  no: "off",
  true: "on",
  false: "off",
  on: "on",
  off: "off",
  y: "on",
  n: "off",
  t: "on",
  f: "off",
  1: "on",
  0: "off",
} as const;
