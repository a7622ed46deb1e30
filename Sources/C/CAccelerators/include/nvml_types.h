// The types of NVML that our calls take, under the names of NVIDIA's own nvml.h and with its layout.
//
// Declared here, since no distribution has that header: nothing of NVIDIA's is needed to build or
// start. A test holds them, and the prototypes of nvml_calls.h, against the real header.
#pragma once

/// Handle of a GPU, which stays the library's.
typedef struct nvmlDevice_st *nvmlDevice_t;

/// Enumerations: without negative values, as wide as int.
typedef unsigned int nvmlReturn_t;
typedef unsigned int nvmlTemperatureSensors_t;
typedef unsigned int nvmlTemperatureThresholds_t;
typedef unsigned int nvmlClockType_t;
typedef unsigned int nvmlEnableState_t;
typedef unsigned int nvmlMemoryErrorType_t;
typedef unsigned int nvmlEccCounterType_t;
typedef unsigned int nvmlGpuP2PCapsIndex_t;
typedef unsigned int nvmlGpuP2PStatus_t;

/// Of nvmlDeviceGetPciInfo_v3 (driver 384 and later).
typedef struct nvmlPciInfo_st {
  char busIdLegacy[16];
  unsigned int domain, bus, device, pciDeviceId, pciSubSystemId;
  char busId[32];
} nvmlPciInfo_t;

/// `used` counts what the driver reserves for itself too.
typedef struct nvmlMemory_st {
  unsigned long long total, free, used;
} nvmlMemory_t;

/// Driver 510 and later: `used` without the driver's reserve.
typedef struct nvmlMemory_v2_st {
  unsigned int version;
  unsigned long long total, reserved, free, used;
} nvmlMemory_v2_t;

typedef struct nvmlBAR1Memory_st {
  unsigned long long bar1Total, bar1Free, bar1Used;
} nvmlBAR1Memory_t;

/// Percent.
typedef struct nvmlUtilization_st {
  unsigned int gpu, memory;
} nvmlUtilization_t;

/// Driver 570 and later.
typedef struct nvmlTemperature_v1_st {
  unsigned int version;
  nvmlTemperatureSensors_t sensorType;
  int temperature;
} nvmlTemperature_t;

/// The record of the `_v2` (driver 450) and `_v3` (driver 510) calls.
typedef struct nvmlProcessInfo_v2_st {
  unsigned int pid;
  unsigned long long usedGpuMemory;
  unsigned int gpuInstanceId, computeInstanceId;
} nvmlProcessInfo_v2_t, nvmlProcessInfo_t;
