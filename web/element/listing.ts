/** How files are listed: which folders a person opened or closed, and how much of a folder is shown. */

/** So many files of a folder are listed at first, and so many more each time: there may be thousands. */
export const STEP = 50;

export class Listing {
  readonly #open = new Map<string, boolean>();
  readonly #most = new Map<string, number>();

  constructor(readonly changed: () => void) {}

  /** Whether a folder is open; undefined if nobody opened or closed it. */
  isOpen(folder: string): boolean | undefined {
    return this.#open.get(folder);
  }

  open(folder: string, isOpen: boolean): void {
    this.#open.set(folder, isOpen);
    this.changed();
  }

  /** How many files of a folder are listed. */
  most(folder: string): number {
    return this.#most.get(folder) ?? STEP;
  }

  listMore(folder: string): void {
    this.#most.set(folder, this.most(folder) + STEP);
    this.changed();
  }
}
