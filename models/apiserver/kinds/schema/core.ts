/** The structs of meta/v1 and core/v1 (staging/src/k8s.io/api/core/v1/types.go), but for those of volumes. */
export const CORE = `
TypeMeta: kind string, apiVersion string
PartialObjectMetadata: kind string, apiVersion string, metadata ObjectMeta
OwnerReference: apiVersion string, kind string, name string, uid string, controller bool, blockOwnerDeletion bool
ManagedFieldsEntry: manager string, operation string, apiVersion string, time Time, fieldsType string, fieldsV1 any,
  subresource string
ObjectMeta: name string, generateName string, namespace string, selfLink string, uid string, resourceVersion string,
  generation int64, creationTimestamp Time, deletionTimestamp Time, deletionGracePeriodSeconds int64,
  labels map[string]string, annotations map[string]string, ownerReferences []OwnerReference, finalizers []string,
  managedFields []ManagedFieldsEntry
LabelSelectorRequirement: key string, operator string, values []string
LabelSelector: matchLabels map[string]string, matchExpressions []LabelSelectorRequirement
Condition: type string, status string, observedGeneration int64, lastTransitionTime Time, reason string, message string
ObjectReference: kind string, namespace string, name string, uid string, apiVersion string, resourceVersion string,
  fieldPath string
LocalObjectReference: name string
TypedLocalObjectReference: apiGroup string, kind string, name string
TypedObjectReference: apiGroup string, kind string, name string, namespace string

Namespace: kind string, apiVersion string, metadata ObjectMeta, spec NamespaceSpec, status NamespaceStatus
NamespaceSpec: finalizers []string
NamespaceStatus: phase string, conditions []NamespaceCondition
NamespaceCondition: type string, status string, lastTransitionTime Time, reason string, message string

Node: kind string, apiVersion string, metadata ObjectMeta, spec NodeSpec, status NodeStatus
NodeSpec: podCIDR string, podCIDRs []string, providerID string, unschedulable bool, taints []Taint, configSource any,
  externalID string
Taint: key string, value string, effect string, timeAdded Time
NodeStatus: capacity map[string]Quantity, allocatable map[string]Quantity, phase string, conditions []NodeCondition,
  addresses []NodeAddress, daemonEndpoints any, nodeInfo any, images []ContainerImage, volumesInUse []string,
  volumesAttached []any, config any, runtimeHandlers any, features any, declaredFeatures []string
NodeCondition: type string, status string, lastHeartbeatTime Time, lastTransitionTime Time, reason string, message string
NodeAddress: type string, address string
ContainerImage: names []string, sizeBytes int64

Service: kind string, apiVersion string, metadata ObjectMeta, spec ServiceSpec!, status ServiceStatus
ServiceSpec: ports []ServicePort, selector map[string]string, clusterIP string, clusterIPs []string, type string,
  externalIPs []string, sessionAffinity string, loadBalancerIP string, loadBalancerSourceRanges []string,
  externalName string, externalTrafficPolicy string, healthCheckNodePort int32, publishNotReadyAddresses bool,
  sessionAffinityConfig SessionAffinityConfig, ipFamilies []string, ipFamilyPolicy string,
  allocateLoadBalancerNodePorts bool, loadBalancerClass string, internalTrafficPolicy string, trafficDistribution string
ServicePort: name string, protocol string, appProtocol string, port int32, targetPort IntOrString, nodePort int32
SessionAffinityConfig: clientIP ClientIPConfig
ClientIPConfig: timeoutSeconds int32
ServiceStatus: loadBalancer any, conditions []Condition

ConfigMap: kind string, apiVersion string, metadata ObjectMeta, immutable bool, data map[string]string,
  binaryData map[string]bytes
Secret: kind string, apiVersion string, metadata ObjectMeta, immutable bool, data map[string]bytes,
  stringData map[string]string, type string

Event: kind string, apiVersion string, metadata ObjectMeta, involvedObject ObjectReference, reason string,
  message string, source EventSource, firstTimestamp Time, lastTimestamp Time, count int32, type string,
  eventTime Time, series any, action string, related ObjectReference, reportingComponent string,
  reportingInstance string
EventSource: component string, host string

PersistentVolume: kind string, apiVersion string, metadata ObjectMeta, spec PersistentVolumeSpec!,
  status PersistentVolumeStatus
PersistentVolumeStatus: phase string, message string, reason string, lastPhaseTransitionTime Time
PersistentVolumeClaim: kind string, apiVersion string, metadata ObjectMeta, spec PersistentVolumeClaimSpec!,
  status PersistentVolumeClaimStatus
PersistentVolumeClaimTemplate: metadata ObjectMeta, spec PersistentVolumeClaimSpec!
PersistentVolumeClaimSpec: accessModes []string, selector LabelSelector, resources VolumeResourceRequirements,
  volumeName string, storageClassName string, volumeMode string, dataSource TypedLocalObjectReference,
  dataSourceRef TypedObjectReference, volumeAttributesClassName string
VolumeResourceRequirements: limits map[string]Quantity, requests map[string]Quantity
PersistentVolumeClaimStatus: phase string, accessModes []string, capacity map[string]Quantity,
  conditions []PersistentVolumeClaimCondition, allocatedResources map[string]Quantity,
  allocatedResourceStatuses map[string]string, currentVolumeAttributesClassName string, modifyVolumeStatus any
PersistentVolumeClaimCondition: type string, status string, lastProbeTime Time, lastTransitionTime Time, reason string,
  message string
`;
