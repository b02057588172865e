/** Sections of this family that are something else than an account. */
export const otherTrustarSections: readonly string[] = ["trustar", "trustar_threat_source"];

/** Whether a section is an account by its name; as in the legacy app it is one if it has a workspace, too. */
export function isAccountName(section: string): boolean {
  return section.startsWith("trustar") && !otherTrustarSections.includes(section);
}
