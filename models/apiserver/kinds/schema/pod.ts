/** The structs of a pod (staging/src/k8s.io/api/core/v1/types.go). */
export const POD = `
Pod: kind string, apiVersion string, metadata ObjectMeta, spec PodSpec!, status PodStatus
PodTemplateSpec: metadata ObjectMeta, spec PodSpec!
PodSpec: volumes []Volume, initContainers []Container, containers []Container, ephemeralContainers []EphemeralContainer,
  restartPolicy string, terminationGracePeriodSeconds int64, activeDeadlineSeconds int64, dnsPolicy string,
  nodeSelector map[string]string, serviceAccountName string, serviceAccount string, automountServiceAccountToken bool,
  nodeName string, hostNetwork bool, hostPID bool, hostIPC bool, shareProcessNamespace bool,
  securityContext PodSecurityContext, imagePullSecrets []LocalObjectReference, hostname string, subdomain string,
  affinity Affinity, schedulerName string, tolerations []Toleration, hostAliases []HostAlias, priorityClassName string,
  priority int32, dnsConfig PodDNSConfig, readinessGates []PodReadinessGate, runtimeClassName string,
  enableServiceLinks bool, preemptionPolicy string, overhead map[string]Quantity,
  topologySpreadConstraints []TopologySpreadConstraint, setHostnameAsFQDN bool, os PodOS, hostUsers bool,
  schedulingGates []PodSchedulingGate, resourceClaims []any, resources ResourceRequirements, hostnameOverride string,
  workloadRef any, schedulingGroup any
HostAlias: ip string, hostnames []string
PodDNSConfig: nameservers []string, searches []string, options []PodDNSConfigOption
PodDNSConfigOption: name string, value string
PodReadinessGate: conditionType string
PodSchedulingGate: name string
PodOS: name string
PodSecurityContext: seLinuxOptions any, windowsOptions any, runAsUser int64, runAsGroup int64, runAsNonRoot bool,
  supplementalGroups []int64, supplementalGroupsPolicy string, fsGroup int64, sysctls []Sysctl,
  fsGroupChangePolicy string, seccompProfile SeccompProfile, appArmorProfile any, seLinuxChangePolicy string
Sysctl: name string, value string
SeccompProfile: type string, localhostProfile string

Container: name string, image string, command []string, args []string, workingDir string, ports []ContainerPort,
  envFrom []EnvFromSource, env []EnvVar, resources ResourceRequirements, resizePolicy []ContainerResizePolicy,
  restartPolicy string, restartPolicyRules []any, volumeMounts []VolumeMount, volumeDevices []VolumeDevice,
  livenessProbe Probe, readinessProbe Probe, startupProbe Probe, lifecycle Lifecycle, terminationMessagePath string,
  terminationMessagePolicy string, imagePullPolicy string, securityContext SecurityContext, stdin bool, stdinOnce bool,
  tty bool
EphemeralContainer: name string, image string, command []string, args []string, workingDir string,
  ports []ContainerPort, envFrom []EnvFromSource, env []EnvVar, resources ResourceRequirements, resizePolicy []any,
  restartPolicy string, restartPolicyRules []any, volumeMounts []VolumeMount, volumeDevices []VolumeDevice,
  livenessProbe Probe, readinessProbe Probe, startupProbe Probe, lifecycle Lifecycle, terminationMessagePath string,
  terminationMessagePolicy string, imagePullPolicy string, securityContext SecurityContext, stdin bool, stdinOnce bool,
  tty bool, targetContainerName string
ContainerPort: name string, hostPort int32, containerPort int32, protocol string, hostIP string
ContainerResizePolicy: resourceName string, restartPolicy string
EnvFromSource: prefix string, configMapRef OptionalReference, secretRef OptionalReference
OptionalReference: name string, optional bool
EnvVar: name string, value string, valueFrom EnvVarSource
EnvVarSource: fieldRef ObjectFieldSelector, resourceFieldRef ResourceFieldSelector, configMapKeyRef KeySelector,
  secretKeyRef KeySelector, fileKeyRef any
ObjectFieldSelector: apiVersion string, fieldPath string
ResourceFieldSelector: containerName string, resource string, divisor Quantity
KeySelector: name string, key string, optional bool
ResourceRequirements: limits map[string]Quantity, requests map[string]Quantity, claims []any
VolumeMount: name string, readOnly bool, recursiveReadOnly string, mountPath string, subPath string,
  mountPropagation string, subPathExpr string
VolumeDevice: name string, devicePath string
Probe: exec ExecAction, httpGet HTTPGetAction, tcpSocket TCPSocketAction, grpc GRPCAction, initialDelaySeconds int32,
  timeoutSeconds int32, periodSeconds int32, successThreshold int32, failureThreshold int32,
  terminationGracePeriodSeconds int64
ExecAction: command []string
HTTPGetAction: path string, port IntOrString, host string, scheme string, httpHeaders []HTTPHeader
HTTPHeader: name string, value string
TCPSocketAction: port IntOrString, host string
GRPCAction: port int32, service string
SleepAction: seconds int64
Lifecycle: postStart LifecycleHandler, preStop LifecycleHandler, stopSignal string
LifecycleHandler: exec ExecAction, httpGet HTTPGetAction, tcpSocket TCPSocketAction, sleep SleepAction
SecurityContext: capabilities Capabilities, privileged bool, seLinuxOptions any, windowsOptions any, runAsUser int64,
  runAsGroup int64, runAsNonRoot bool, readOnlyRootFilesystem bool, allowPrivilegeEscalation bool, procMount string,
  seccompProfile SeccompProfile, appArmorProfile any
Capabilities: add []string, drop []string

Toleration: key string, operator string, value string, effect string, tolerationSeconds int64
Affinity: nodeAffinity NodeAffinity, podAffinity PodAffinity, podAntiAffinity PodAffinity
NodeAffinity: requiredDuringSchedulingIgnoredDuringExecution NodeSelector,
  preferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm
NodeSelector: nodeSelectorTerms []NodeSelectorTerm
NodeSelectorTerm: matchExpressions []NodeSelectorRequirement, matchFields []NodeSelectorRequirement
NodeSelectorRequirement: key string, operator string, values []string
PreferredSchedulingTerm: weight int32, preference NodeSelectorTerm
PodAffinity: requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm,
  preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm
PodAffinityTerm: labelSelector LabelSelector, namespaces []string, topologyKey string, namespaceSelector LabelSelector,
  matchLabelKeys []string, mismatchLabelKeys []string
WeightedPodAffinityTerm: weight int32, podAffinityTerm PodAffinityTerm
TopologySpreadConstraint: maxSkew int32, topologyKey string, whenUnsatisfiable string, labelSelector LabelSelector,
  minDomains int32, nodeAffinityPolicy string, nodeTaintsPolicy string, matchLabelKeys []string

PodStatus: observedGeneration int64, phase string, conditions []PodCondition, message string, reason string,
  nominatedNodeName string, hostIP string, hostIPs []HostIP, podIP string, podIPs []PodIP, startTime Time,
  initContainerStatuses []ContainerStatus, containerStatuses []ContainerStatus, qosClass string,
  ephemeralContainerStatuses []ContainerStatus, resize string, resourceClaimStatuses []any,
  extendedResourceClaimStatus any, allocatedResources map[string]Quantity, resources ResourceRequirements
HostIP: ip string
PodIP: ip string
PodCondition: type string, observedGeneration int64, status string, lastProbeTime Time, lastTransitionTime Time,
  reason string, message string
ContainerStatus: name string, state ContainerState, lastState ContainerState, ready bool, restartCount int32,
  image string, imageID string, containerID string, started bool, allocatedResources map[string]Quantity,
  resources ResourceRequirements, volumeMounts []any, user any, allocatedResourcesStatus []any, stopSignal string
ContainerState: waiting ContainerStateWaiting, running ContainerStateRunning, terminated ContainerStateTerminated
ContainerStateWaiting: reason string, message string
ContainerStateRunning: startedAt Time
ContainerStateTerminated: exitCode int32, signal int32, reason string, message string, startedAt Time, finishedAt Time,
  containerID string
`;
