/** The structs of the groups apps, batch, coordination, discovery, policy, scheduling and storage (staging/src/k8s.io/api). */
export const OTHERS = `
ReplicaSet: kind string, apiVersion string, metadata ObjectMeta, spec ReplicaSetSpec!, status ReplicaSetStatus
ReplicaSetSpec: replicas int32, minReadySeconds int32, selector LabelSelector, template PodTemplateSpec!
ReplicaSetStatus: replicas int32, fullyLabeledReplicas int32, readyReplicas int32, availableReplicas int32,
  terminatingReplicas int32, observedGeneration int64, conditions []WorkloadCondition
WorkloadCondition: type string, status string, lastUpdateTime Time, lastTransitionTime Time, reason string, message string

Deployment: kind string, apiVersion string, metadata ObjectMeta, spec DeploymentSpec!, status DeploymentStatus
DeploymentSpec: replicas int32, selector LabelSelector, template PodTemplateSpec!, strategy DeploymentStrategy,
  minReadySeconds int32, revisionHistoryLimit int32, paused bool, progressDeadlineSeconds int32
DeploymentStrategy: type string, rollingUpdate RollingUpdateDeployment
RollingUpdateDeployment: maxUnavailable IntOrString, maxSurge IntOrString
DeploymentStatus: observedGeneration int64, replicas int32, updatedReplicas int32, readyReplicas int32,
  availableReplicas int32, unavailableReplicas int32, terminatingReplicas int32, collisionCount int32,
  conditions []WorkloadCondition

StatefulSet: kind string, apiVersion string, metadata ObjectMeta, spec StatefulSetSpec!, status StatefulSetStatus
StatefulSetSpec: replicas int32, selector LabelSelector, template PodTemplateSpec!,
  volumeClaimTemplates []PersistentVolumeClaim, serviceName string, podManagementPolicy string,
  updateStrategy StatefulSetUpdateStrategy, revisionHistoryLimit int32, minReadySeconds int32,
  persistentVolumeClaimRetentionPolicy StatefulSetPersistentVolumeClaimRetentionPolicy, ordinals StatefulSetOrdinals
StatefulSetUpdateStrategy: type string, rollingUpdate RollingUpdateStatefulSetStrategy
RollingUpdateStatefulSetStrategy: partition int32, maxUnavailable IntOrString
StatefulSetPersistentVolumeClaimRetentionPolicy: whenDeleted string, whenScaled string
StatefulSetOrdinals: start int32
StatefulSetStatus: observedGeneration int64, replicas int32, readyReplicas int32, currentReplicas int32,
  updatedReplicas int32, currentRevision string, updateRevision string, collisionCount int32, availableReplicas int32,
  conditions []WorkloadCondition

DaemonSet: kind string, apiVersion string, metadata ObjectMeta, spec DaemonSetSpec!, status DaemonSetStatus
DaemonSetSpec: selector LabelSelector, template PodTemplateSpec!, updateStrategy DaemonSetUpdateStrategy,
  minReadySeconds int32, revisionHistoryLimit int32
DaemonSetUpdateStrategy: type string, rollingUpdate RollingUpdateDaemonSet
RollingUpdateDaemonSet: maxUnavailable IntOrString, maxSurge IntOrString
DaemonSetStatus: currentNumberScheduled int32, numberMisscheduled int32, desiredNumberScheduled int32,
  numberReady int32, observedGeneration int64, updatedNumberScheduled int32, numberAvailable int32,
  numberUnavailable int32, collisionCount int32, conditions []WorkloadCondition

ControllerRevision: kind string, apiVersion string, metadata ObjectMeta, data any, revision int64

Job: kind string, apiVersion string, metadata ObjectMeta, spec JobSpec!, status JobStatus
JobSpec: parallelism int32, completions int32, activeDeadlineSeconds int64, podFailurePolicy PodFailurePolicy,
  successPolicy SuccessPolicy, backoffLimit int32, backoffLimitPerIndex int32, maxFailedIndexes int32,
  selector LabelSelector, manualSelector bool, template PodTemplateSpec!, ttlSecondsAfterFinished int32,
  completionMode string, suspend bool, podReplacementPolicy string, managedBy string
PodFailurePolicy: rules []PodFailurePolicyRule
PodFailurePolicyRule: action string, onExitCodes OnExitCodes, onPodConditions []OnPodCondition
OnExitCodes: containerName string, operator string, values []int32
OnPodCondition: type string, status string
SuccessPolicy: rules []SuccessPolicyRule
SuccessPolicyRule: succeededIndexes string, succeededCount int32
JobStatus: conditions []JobCondition, startTime Time, completionTime Time, active int32, succeeded int32, failed int32,
  terminating int32, completedIndexes string, failedIndexes string, uncountedTerminatedPods UncountedTerminatedPods,
  ready int32
JobCondition: type string, status string, lastProbeTime Time, lastTransitionTime Time, reason string, message string
UncountedTerminatedPods: succeeded []string, failed []string

CronJob: kind string, apiVersion string, metadata ObjectMeta, spec CronJobSpec!, status CronJobStatus
CronJobSpec: schedule string, timeZone string, startingDeadlineSeconds int64, concurrencyPolicy string, suspend bool,
  jobTemplate JobTemplateSpec!, successfulJobsHistoryLimit int32, failedJobsHistoryLimit int32
JobTemplateSpec: metadata ObjectMeta, spec JobSpec!
CronJobStatus: active []ObjectReference, lastScheduleTime Time, lastSuccessfulTime Time

EndpointSlice: kind string, apiVersion string, metadata ObjectMeta, addressType string, endpoints []Endpoint,
  ports []EndpointPort
Endpoint: addresses []string, conditions EndpointConditions, hostname string, targetRef ObjectReference,
  deprecatedTopology map[string]string, nodeName string, zone string, hints EndpointHints
EndpointConditions: ready bool, serving bool, terminating bool
EndpointHints: forZones []ForZone, forNodes []ForNode
ForZone: name string
ForNode: name string
EndpointPort: name string, protocol string, port int32, appProtocol string

Lease: kind string, apiVersion string, metadata ObjectMeta, spec LeaseSpec
LeaseSpec: holderIdentity string, leaseDurationSeconds int32, acquireTime Time, renewTime Time, leaseTransitions int32,
  strategy string, preferredHolder string

PodDisruptionBudget: kind string, apiVersion string, metadata ObjectMeta, spec PodDisruptionBudgetSpec!,
  status PodDisruptionBudgetStatus
PodDisruptionBudgetSpec: minAvailable IntOrString, selector LabelSelector, maxUnavailable IntOrString,
  unhealthyPodEvictionPolicy string
PodDisruptionBudgetStatus: observedGeneration int64, disruptedPods map[string]Time, disruptionsAllowed int32,
  currentHealthy int32, desiredHealthy int32, expectedPods int32, conditions []Condition

PriorityClass: kind string, apiVersion string, metadata ObjectMeta, value int32, globalDefault bool, description string,
  preemptionPolicy string
StorageClass: kind string, apiVersion string, metadata ObjectMeta, provisioner string, parameters map[string]string,
  reclaimPolicy string, mountOptions []string, allowVolumeExpansion bool, volumeBindingMode string,
  allowedTopologies []TopologySelectorTerm
TopologySelectorTerm: matchLabelExpressions []TopologySelectorLabelRequirement
TopologySelectorLabelRequirement: key string, values []string
`;
