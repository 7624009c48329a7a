/** How much is shown of what may be long: what a person opened or closed, and how much of a list. */

/** Up to so many files of a folder are listed in order; of more, the first of each outcome. */
export const STEP = 50;

export class Listing {
  readonly #open = new Map<string, boolean>();
  readonly #most = new Map<string, number>();

  constructor(readonly changed: () => void) {}

  /** Whether something is open; undefined if nobody opened or closed it. */
  isOpen(what: string): boolean | undefined {
    return this.#open.get(what);
  }

  open(what: string, isOpen: boolean): void {
    this.#open.set(what, isOpen);
    this.changed();
  }

  /** Follows a `details` element. */
  toggled = (what: string) => (event: Event): void => this.open(what, (event.target as HTMLDetailsElement).open);

  /** How much of a list is shown. */
  most(list: string, first = STEP): number {
    return this.#most.get(list) ?? first;
  }

  show(list: string, most: number): void {
    this.#most.set(list, most);
    this.changed();
  }
}
