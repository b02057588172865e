/** Describes artifacts that we added; the legacy rule ArtifactCreated tells them by these words. */
export const correlatedDescription = "TruSTAR Correlated Indicator";

/** Whether an artifact came from TruSTAR, also when an analyst has written something behind our description. */
export function isCorrelatedArtifact(artifact: { readonly description: string }): boolean {
  return artifact.description.trim().startsWith(correlatedDescription);
}
