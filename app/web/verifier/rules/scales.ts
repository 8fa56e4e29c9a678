/** Where each scale of consciousness is at its best. */

const BEST: Readonly<Record<string, number | string>> = { moaas: 5, acvpu: "A", rass: 0 };

export function isFullyConscious(one: { scale: string; score: number | string }): boolean {
  return one.score === BEST[one.scale];
}
