/** The structs of volumes (staging/src/k8s.io/api/core/v1/types.go). Of network and cloud storage the inside is left open. */
export const VOLUMES = `
Volume: name string, hostPath HostPathVolumeSource, emptyDir EmptyDirVolumeSource, gcePersistentDisk any,
  awsElasticBlockStore any, gitRepo any, secret SecretVolumeSource, nfs NFSVolumeSource, iscsi any, glusterfs any,
  persistentVolumeClaim PersistentVolumeClaimVolumeSource, rbd any, flexVolume any, cinder any, cephfs any, flocker any,
  downwardAPI DownwardAPIVolumeSource, fc any, azureFile any, configMap ConfigMapVolumeSource, vsphereVolume any,
  quobyte any, azureDisk any, photonPersistentDisk any, projected ProjectedVolumeSource, portworxVolume any, scaleIO any,
  storageos any, csi any, ephemeral EphemeralVolumeSource, image ImageVolumeSource
HostPathVolumeSource: path string, type string
EmptyDirVolumeSource: medium string, sizeLimit Quantity
SecretVolumeSource: secretName string, items []KeyToPath, defaultMode int32, optional bool
ConfigMapVolumeSource: name string, items []KeyToPath, defaultMode int32, optional bool
KeyToPath: key string, path string, mode int32
NFSVolumeSource: server string, path string, readOnly bool
PersistentVolumeClaimVolumeSource: claimName string, readOnly bool
DownwardAPIVolumeSource: items []DownwardAPIVolumeFile, defaultMode int32
DownwardAPIVolumeFile: path string, fieldRef ObjectFieldSelector, resourceFieldRef ResourceFieldSelector, mode int32
ProjectedVolumeSource: sources []VolumeProjection, defaultMode int32
VolumeProjection: secret SecretProjection, downwardAPI DownwardAPIVolumeSource, configMap ConfigMapProjection,
  serviceAccountToken ServiceAccountTokenProjection, clusterTrustBundle any, podCertificate any
SecretProjection: name string, items []KeyToPath, optional bool
ConfigMapProjection: name string, items []KeyToPath, optional bool
ServiceAccountTokenProjection: audience string, expirationSeconds int64, path string
EphemeralVolumeSource: volumeClaimTemplate PersistentVolumeClaimTemplate
ImageVolumeSource: reference string, pullPolicy string
PersistentVolumeSpec: capacity map[string]Quantity, gcePersistentDisk any, awsElasticBlockStore any,
  hostPath HostPathVolumeSource, glusterfs any, nfs NFSVolumeSource, rbd any, iscsi any, cinder any, cephfs any, fc any,
  flocker any, flexVolume any, azureFile any, vsphereVolume any, quobyte any, azureDisk any, photonPersistentDisk any,
  portworxVolume any, scaleIO any, local LocalVolumeSource, storageos any, csi any, accessModes []string,
  claimRef ObjectReference, persistentVolumeReclaimPolicy string, storageClassName string, mountOptions []string,
  volumeMode string, nodeAffinity VolumeNodeAffinity, volumeAttributesClassName string
LocalVolumeSource: path string, fsType string
VolumeNodeAffinity: required NodeSelector
`;
