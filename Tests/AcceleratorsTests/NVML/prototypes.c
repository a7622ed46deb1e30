// Holds what we declare of NVML against NVIDIA's own header. Compiled with -DNVML_HEADER="nvml.h": our
// prototypes (nvml_calls.h) stand behind NVIDIA's, and one that differs does not compile. Without it
// ours alone stand here. Either way it prints the layout of each type, and the two must be equal.
#include <stddef.h>
#include <stdio.h>

#ifdef NVML_HEADER
#include NVML_HEADER
#define VALUE(ours, theirs) _Static_assert((ours) == (theirs), #theirs)
// The values of the enumerations in Sources/Accelerators/NVML.swift.
VALUE(0, NVML_SUCCESS);
VALUE(3, NVML_ERROR_NOT_SUPPORTED);
VALUE(7, NVML_ERROR_INSUFFICIENT_SIZE);
VALUE(0, NVML_CLOCK_GRAPHICS);
VALUE(1, NVML_CLOCK_SM);
VALUE(2, NVML_CLOCK_MEM);
VALUE(3, NVML_CLOCK_VIDEO);
VALUE(0, NVML_TEMPERATURE_GPU);
VALUE(0, NVML_TEMPERATURE_THRESHOLD_SHUTDOWN);
VALUE(1, NVML_TEMPERATURE_THRESHOLD_SLOWDOWN);
VALUE(2, NVML_TEMPERATURE_THRESHOLD_MEM_MAX);
VALUE(3, NVML_TEMPERATURE_THRESHOLD_GPU_MAX);
VALUE(0, NVML_MEMORY_ERROR_TYPE_CORRECTED);
VALUE(1, NVML_MEMORY_ERROR_TYPE_UNCORRECTED);
VALUE(0, NVML_VOLATILE_ECC);
VALUE(1, NVML_AGGREGATE_ECC);
VALUE(1, NVML_FEATURE_ENABLED);
VALUE(0, NVML_P2P_CAPS_INDEX_READ);
VALUE(1, NVML_P2P_CAPS_INDEX_WRITE);
VALUE(6, NVML_P2P_STATUS_UNKNOWN);
#else
#include "nvml_types.h"
#endif
#include "nvml_calls.h"

// Each call of the lists has a prototype.
#define NAME(name) (void)sizeof(&name);

#define TYPE(type) printf(#type " %zu\n", sizeof(type))
#define FIELD(type, field) \
  printf(#type "." #field " %zu %zu\n", offsetof(type, field), sizeof((type){0}.field))

int main(void) {
  TBX_NVML_CALLS(NAME)
  TBX_NVML_OPTIONAL_CALLS(NAME)
  TYPE(nvmlReturn_t);
  TYPE(nvmlDevice_t);
  TYPE(nvmlTemperatureSensors_t);
  TYPE(nvmlTemperatureThresholds_t);
  TYPE(nvmlClockType_t);
  TYPE(nvmlEnableState_t);
  TYPE(nvmlMemoryErrorType_t);
  TYPE(nvmlEccCounterType_t);
  TYPE(nvmlGpuP2PCapsIndex_t);
  TYPE(nvmlGpuP2PStatus_t);
  TYPE(nvmlPciInfo_t);
  FIELD(nvmlPciInfo_t, busIdLegacy);
  FIELD(nvmlPciInfo_t, domain);
  FIELD(nvmlPciInfo_t, bus);
  FIELD(nvmlPciInfo_t, device);
  FIELD(nvmlPciInfo_t, pciDeviceId);
  FIELD(nvmlPciInfo_t, pciSubSystemId);
  FIELD(nvmlPciInfo_t, busId);
  TYPE(nvmlMemory_t);
  FIELD(nvmlMemory_t, total);
  FIELD(nvmlMemory_t, free);
  FIELD(nvmlMemory_t, used);
  TYPE(nvmlMemory_v2_t);
  FIELD(nvmlMemory_v2_t, version);
  FIELD(nvmlMemory_v2_t, total);
  FIELD(nvmlMemory_v2_t, reserved);
  FIELD(nvmlMemory_v2_t, free);
  FIELD(nvmlMemory_v2_t, used);
  TYPE(nvmlBAR1Memory_t);
  FIELD(nvmlBAR1Memory_t, bar1Total);
  FIELD(nvmlBAR1Memory_t, bar1Free);
  FIELD(nvmlBAR1Memory_t, bar1Used);
  TYPE(nvmlUtilization_t);
  FIELD(nvmlUtilization_t, gpu);
  FIELD(nvmlUtilization_t, memory);
  TYPE(nvmlTemperature_t);
  FIELD(nvmlTemperature_t, version);
  FIELD(nvmlTemperature_t, sensorType);
  FIELD(nvmlTemperature_t, temperature);
  TYPE(nvmlProcessInfo_t);
  TYPE(nvmlProcessInfo_v2_t);
  FIELD(nvmlProcessInfo_v2_t, pid);
  FIELD(nvmlProcessInfo_v2_t, usedGpuMemory);
  FIELD(nvmlProcessInfo_v2_t, gpuInstanceId);
  FIELD(nvmlProcessInfo_v2_t, computeInstanceId);
  return 0;
}
