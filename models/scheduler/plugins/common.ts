import { multipliedAndDivided } from "../framework/arithmetic.ts";
import { SCORE_MAX } from "../framework/plugin.ts";

/**
 * plugins/helper/normalize_score.go, DefaultNormalizeScore: in proportion to the highest score, which becomes 100;
 * reversed, 0 becomes 100.
 */
export function normalisedByHighest(scores: readonly number[], isReversed: boolean): readonly number[] {
  let highest = 0;
  for (const score of scores) if (score > highest) highest = score;
  if (highest === 0) return isReversed ? scores.map(() => SCORE_MAX) : scores;
  return scores.map((score) => {
    const share = multipliedAndDivided(SCORE_MAX, score, highest);
    return isReversed ? SCORE_MAX - share : share;
  });
}
