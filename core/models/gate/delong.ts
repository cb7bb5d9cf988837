import type { ClassRanking } from '../metrics/rank-metrics.ts';

/** The difference of two areas under ROC curves on the same rows. */
export interface AreaDifference {
  /** second minus first */
  readonly value: number;
  /** its standard error */
  readonly deviation: number;
}

/**
 * DeLong's comparison of two ROC-AUC on the same rows, by placement values.
 *
 * A row's placement is the share of the rows of the other class that it is on the right side of, ties half. The
 * areas are means of placements; the variance of their difference is that of the paired differences of the placements
 * among the m rows of the class ÷ m plus that among the n others ÷ n (ddof 1), which equals DeLong's
 * L S L′. Placements come from ranks, so that it takes O(rows) from the rankings.
 * @param first of the class by one model, with rows of the class and others, 2 of each at least
 * @param second by the other model
 * @see DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44:837–845; Sun & Xu (2014), IEEE Signal Process. Lett.
 *   21:1389–1393
 */
export function delong(first: ClassRanking, second: ClassRanking): AreaDifference {
  const a = placements(first);
  const b = placements(second);
  const differences = [new Moments(), new Moments()] as const;
  for (let i = 0; i < a.length; i++) differences[first.positive[i]].add(b[i] - a[i]);
  const [others, members] = differences;
  return {
    value: members.mean,
    deviation: Math.sqrt(members.varianceOfMean() + others.varianceOfMean()),
  };
}

/** Running mean and variance by Welford's recursion. */
class Moments {
  mean = 0;
  #count = 0;
  #squares = 0;

  add(x: number): void {
    const before = x - this.mean;
    this.mean += before / ++this.#count;
    this.#squares += before * (x - this.mean);
  }

  varianceOfMean(): number {
    return this.#squares / (this.#count - 1) / this.#count;
  }
}

/** Of each row: the share of the rows of the other class that it is on the right side of. */
function placements({ groupOf, groups, positive }: ClassRanking): Float64Array {
  const members = new Float64Array(groups);
  const others = new Float64Array(groups);
  for (let i = 0; i < groupOf.length; i++) {
    if (positive[i] === 1) members[groupOf[i]]++;
    else others[groupOf[i]]++;
  }
  // Group 0 is the most probable: a member wins against others in later groups, an other row against members before.
  const total = others.reduce((sum, count) => sum + count, 0);
  const allMembers = groupOf.length - total;
  const ofMember = new Float64Array(groups);
  const ofOther = new Float64Array(groups);
  let membersAbove = 0;
  let othersAbove = 0;
  for (let g = 0; g < groups; g++) {
    ofMember[g] = (total - othersAbove - others[g] / 2) / total;
    ofOther[g] = (membersAbove + members[g] / 2) / allMembers;
    membersAbove += members[g];
    othersAbove += others[g];
  }
  return Float64Array.from(groupOf, (g, i) => (positive[i] === 1 ? ofMember[g] : ofOther[g]));
}
