import { unreachable } from "../../kernel/index.ts";
import type { ApiResponse } from "../../machinery/api.ts";
import type { Deployment, ReplicaSet } from "../../machinery/kinds/index.ts";
import { selectorOf } from "../../machinery/selectors.ts";
import { isNamespaceTerminating } from "../../machinery/status.ts";
import { DONE } from "../controller.ts";
import { errorOf, retry } from "../shared/answers.ts";
import { type Claim, claimAnswered, claimOf, claimRequest } from "../shared/claim.ts";
import { ownOrOrphans } from "../shared/owners.ts";
import { answerStep } from "./answers.ts";
import { note } from "./notes.ts";
import { compareByCreation } from "./replicas.ts";
import { beginStep } from "./steps.ts";
import type { DeploymentOutcome, DeploymentTask, DeploymentTurn, Work } from "./types.ts";

/** kubernetes pkg/controller/deployment/deployment_controller.go, syncDeployment. */
export function sync(turn: DeploymentTurn, key: string): DeploymentOutcome {
  const deployment = turn.view<Deployment>("deployments").byKey(key);
  if (deployment === null) return DONE;
  const { matchLabels = {}, matchExpressions = [] } = deployment.spec.selector;
  // "This deployment is selecting all pods. A non-empty selector is required."
  if (Object.keys(matchLabels).length === 0 && matchExpressions.length === 0) return DONE;
  const sets = ownOrOrphans<ReplicaSet>(turn, "replicasets", deployment);
  return claimNext(turn, deployment, claimOf(deployment, selectorOf(deployment.spec.selector), sets));
}

function claimNext(turn: DeploymentTurn, deployment: Deployment, claim: Claim<ReplicaSet>): DeploymentOutcome {
  const request = claimRequest(deployment, claim);
  if (request !== null) return { kind: "call", request, task: { kind: "claim", deployment, claim } };
  if (claim.error !== "") return retry(claim.error);
  const sets = claim.owned.toSorted(compareByCreation);
  return proceed(turn, { deployment, sets, steps: firstSteps(turn, deployment) });
}

/** A deployment that is being deleted only has its status written. */
function firstSteps(turn: DeploymentTurn, { metadata }: Deployment): Work["steps"] {
  if (metadata.deletionTimestamp === undefined)
    return [{ kind: "pausedCondition" }, { kind: "revision" }, { kind: "decide" }];
  turn.note(note.beingDeleted);
  return [{ kind: "revision" }, { kind: "decide" }];
}

/** The request of a sync is answered. */
export function answered(
  turn: DeploymentTurn,
  _key: string,
  task: DeploymentTask,
  response: ApiResponse | null,
): DeploymentOutcome {
  switch (task.kind) {
    case "claim": {
      const next = claimAnswered(task.deployment, task.claim, response);
      if (next.owned.length > task.claim.owned.length) turn.note(note.adopted);
      return claimNext(turn, task.deployment, next);
    }
    case "step": {
      const work = answerStep(turn, task.work, response);
      if (work !== null) return proceed(turn, work);
      turn.note(note.writeFailed);
      // "if the namespace is being terminated, we don't have to do anything" (handleErr).
      return isNamespaceTerminating(response) ? DONE : retry(errorOf(response));
    }
    default:
      return unreachable(task);
  }
}

/** Goes on to the next request. */
function proceed(turn: DeploymentTurn, from: Work): DeploymentOutcome {
  let work = from;
  for (;;) {
    const [step] = work.steps;
    if (step === undefined) return DONE;
    if (step.kind === "fail") return step.error === "" ? DONE : retry(step.error);
    const result = beginStep(turn, work, step);
    if (result.kind === "end") return result.outcome;
    if (result.kind === "request")
      return { kind: "call", request: result.request, task: { kind: "step", work: result.work } };
    work = result.work;
  }
}
