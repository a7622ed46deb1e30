// NVML (libnvidia-ml.so.1) resolved at run time. Nothing of NVIDIA's is needed to build or start.
//
// The declarations are our own, of the part of the ABI that we call. NVML keeps old entry points:
// a changed signature gets a new name with a suffix (`_v2`, `_v3`), so a name that resolves has
// the signature written here. What came after the first release we could test against says so.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// nvmlPciInfo_t of nvmlDeviceGetPciInfo_v3 (driver 384 and later).
typedef struct tbx_nvml_pci {
  char bus_id_legacy[16];
  uint32_t domain, bus, device, device_id, subsystem_id;
  char bus_id[32];
} tbx_nvml_pci;

/// nvmlMemory_t: `used` counts what the driver reserves for itself too.
typedef struct tbx_nvml_memory {
  uint64_t total, free, used;
} tbx_nvml_memory;

/// nvmlMemory_v2_t (driver 510 and later): `used` without the driver's reserve.
typedef struct tbx_nvml_memory_v2 {
  uint32_t version;
  uint64_t total, reserved, free, used;
} tbx_nvml_memory_v2;

/// nvmlBAR1Memory_t.
typedef struct tbx_nvml_bar1 {
  uint64_t total, free, used;
} tbx_nvml_bar1;

/// nvmlUtilization_t, percent.
typedef struct tbx_nvml_utilization {
  uint32_t gpu, memory;
} tbx_nvml_utilization;

/// nvmlTemperature_v1_t (driver 570 and later).
typedef struct tbx_nvml_temperature {
  uint32_t version, sensor;
  int32_t celsius;
} tbx_nvml_temperature;

/// nvmlProcessInfo_v2_t, the record of the `_v2` (driver 450) and `_v3` (driver 510) calls.
typedef struct tbx_nvml_process {
  uint32_t pid;
  uint64_t used_memory;
  uint32_t gpu_instance, compute_instance;
} tbx_nvml_process;

/// nvmlDevice_t: a handle that stays the library's.
typedef void *tbx_nvml_device;

/// The calls. `init` to `pci_info` are always there after a successful open; each other one is
/// NULL where the library is older than the call.
typedef struct tbx_nvml {
  int32_t (*init)(void);
  int32_t (*shutdown)(void);
  int32_t (*count)(uint32_t *count);
  int32_t (*handle)(uint32_t index, tbx_nvml_device *device);
  int32_t (*pci_info)(tbx_nvml_device device, tbx_nvml_pci *info);

  int32_t (*driver_version)(char *text, uint32_t size);
  int32_t (*name)(tbx_nvml_device device, char *text, uint32_t size);
  int32_t (*uuid)(tbx_nvml_device device, char *text, uint32_t size);
  int32_t (*vbios)(tbx_nvml_device device, char *text, uint32_t size);
  int32_t (*memory)(tbx_nvml_device device, tbx_nvml_memory *memory);
  int32_t (*memory_v2)(tbx_nvml_device device, tbx_nvml_memory_v2 *memory);
  int32_t (*bar1)(tbx_nvml_device device, tbx_nvml_bar1 *memory);
  int32_t (*power)(tbx_nvml_device device, uint32_t *milliwatts);
  int32_t (*power_limit)(tbx_nvml_device device, uint32_t *milliwatts);
  int32_t (*power_default)(tbx_nvml_device device, uint32_t *milliwatts);
  int32_t (*power_range)(tbx_nvml_device device, uint32_t *low, uint32_t *high);
  int32_t (*temperature)(tbx_nvml_device device, int32_t sensor, uint32_t *celsius);
  int32_t (*temperature_v)(tbx_nvml_device device, tbx_nvml_temperature *temperature);
  int32_t (*threshold)(tbx_nvml_device device, int32_t which, uint32_t *celsius);
  int32_t (*clock)(tbx_nvml_device device, int32_t which, uint32_t *megahertz);
  int32_t (*utilization)(tbx_nvml_device device, tbx_nvml_utilization *percent);
  int32_t (*ecc_mode)(tbx_nvml_device device, int32_t *current, int32_t *pending);
  int32_t (*ecc_total)(tbx_nvml_device device, int32_t kind, int32_t counter, uint64_t *count);
  int32_t (*event_reasons)(tbx_nvml_device device, uint64_t *reasons);
  int32_t (*throttle_reasons)(tbx_nvml_device device, uint64_t *reasons);
  int32_t (*replays)(tbx_nvml_device device, uint32_t *count);
  int32_t (*capability)(tbx_nvml_device device, int32_t *major, int32_t *minor);
  int32_t (*compute_v3)(tbx_nvml_device device, uint32_t *count, tbx_nvml_process *list);
  int32_t (*compute_v2)(tbx_nvml_device device, uint32_t *count, tbx_nvml_process *list);
  int32_t (*graphics_v3)(tbx_nvml_device device, uint32_t *count, tbx_nvml_process *list);
  int32_t (*graphics_v2)(tbx_nvml_device device, uint32_t *count, tbx_nvml_process *list);
  int32_t (*peer_status)(
      tbx_nvml_device from, tbx_nvml_device to, int32_t capability, int32_t *status);
} tbx_nvml;

/// Fills `table` from the library of that name or path.
/// Returns 0; 1 when the library cannot be opened; 2 when it lacks a call that must be there.
/// The reason is written to `why`.
int tbx_nvml_open(tbx_nvml *table, const char *library, char *why, size_t size);
