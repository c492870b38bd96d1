import type { SavedContent } from '../services/saved-content.ts';

/** What a saved plan holds beside the plan: who made it, with which values and images, and whose approvals it carries. */
export function savedPlanOutput(content: SavedContent) {
  const { made, requireApproval, approvals, values, secretRefs, images } = content;
  return { made, requireApproval, approvals, values, secretRefs, images };
}
