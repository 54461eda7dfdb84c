import type { CampaignResult } from "../harness/result.ts";

/** The result as it is: `seatrial schema result` documents its fields. */
export function render(result: CampaignResult): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}
