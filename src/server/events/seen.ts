/** An hour of a busy organization. */
const MOST = 10_000;

/** The signatures of callbacks that were accepted, as many as fit: none of a stranger, who could fill the memory. */
export class Seen {
  private readonly signatures = new Set<string>();

  has(signature: string): boolean {
    return this.signatures.has(signature.toLowerCase());
  }

  add(signature: string): void {
    this.signatures.add(signature.toLowerCase());
    for (const oldest of this.signatures) {
      if (this.signatures.size <= MOST) {
        return;
      }
      this.signatures.delete(oldest);
    }
  }
}
