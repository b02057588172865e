/** The app.config that the program brings along, as pieces: the one source of what an app.config may hold. */
export interface TemplateSection {
  readonly name: string;
  /** The remark above the header, without the blank line before it. */
  readonly lead: readonly string[];
  readonly keys: readonly TemplateKey[];
}

export interface TemplateKey {
  readonly key: string;
  /** The remark above it. */
  readonly remark: readonly string[];
  /** `#key = value`, whether or not it is commented out in the template. */
  readonly commented: string;
  /** Whether the template has it without the # in front: nothing works without it. */
  readonly required: boolean;
  /** Whether it is a second name for the key above it: of no use to a file that knows the first. */
  readonly alias: boolean;
}

const header = /^\[(.+)\]$/;
const entry = /^(#?)([a-z_]+) = /;

/** @param text an app.config in the shape of app.config.example: a remark above each key, a # before each default */
export function parseTemplate(text: string): readonly TemplateSection[] {
  const sections: { name: string; lead: readonly string[]; keys: TemplateKey[] }[] = [];
  let remark: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const name = header.exec(line)?.[1];
    const [, sign, key] = entry.exec(line) ?? [];
    const section = sections.at(-1);
    if (name !== undefined) sections.push({ name, lead: remark, keys: [] });
    else if (sign !== undefined && key !== undefined && section !== undefined)
      section.keys.push({
        key,
        remark,
        commented: `#${line.slice(sign.length)}`,
        required: sign === "",
        alias: remark[0]?.startsWith("# The same under the name") === true,
      });
    else if (line.startsWith("#")) {
      remark.push(line);
      continue;
    }
    remark = [];
  }
  return sections;
}
