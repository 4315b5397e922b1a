/** Invariants of R4 that are not evaluated as they are written, and why. */

export interface Exception {
  readonly key: string;
  /** Where it is written. */
  readonly on: string;
  readonly reason: string;
  /** What is evaluated instead; without it, nothing is. */
  readonly expression?: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    key: 'ctm-1',
    on: 'CareTeam.participant',
    reason:
      'it looks into the resource that a reference points to, and holds where that is not at hand: it never is, in a check of one resource',
  },
  {
    key: 'que-12',
    on: 'Questionnaire.item',
    reason: 'it says "more than one enableWhen", and its expression means more than two',
    expression: 'enableWhen.count() > 1 implies enableBehavior.exists()',
  },
];
