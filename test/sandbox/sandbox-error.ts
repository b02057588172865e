/** A mistake of the user's, or an end of the product's: the message is all they need. */
export class SandboxError extends Error {}
