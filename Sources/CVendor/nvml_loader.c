#include "nvml_loader.h"

#include "symbols.h"

_Static_assert(sizeof(tbx_nvml_pci) == 68, "nvmlPciInfo_t");
_Static_assert(sizeof(tbx_nvml_memory_v2) == 40, "nvmlMemory_v2_t");
_Static_assert(sizeof(tbx_nvml_process) == 24, "nvmlProcessInfo_v2_t");
_Static_assert(sizeof(tbx_nvml_temperature) == 12, "nvmlTemperature_v1_t");

#define MUST(field, symbol) {symbol, offsetof(tbx_nvml, field), 1}
#define MAY(field, symbol) {symbol, offsetof(tbx_nvml, field), 0}

static const struct tbx_symbol symbols[] = {
    MUST(init, "nvmlInit_v2"),
    MUST(shutdown, "nvmlShutdown"),
    MUST(count, "nvmlDeviceGetCount_v2"),
    MUST(handle, "nvmlDeviceGetHandleByIndex_v2"),
    MUST(pci_info, "nvmlDeviceGetPciInfo_v3"),
    MAY(driver_version, "nvmlSystemGetDriverVersion"),
    MAY(name, "nvmlDeviceGetName"),
    MAY(uuid, "nvmlDeviceGetUUID"),
    MAY(vbios, "nvmlDeviceGetVbiosVersion"),
    MAY(memory, "nvmlDeviceGetMemoryInfo"),
    MAY(memory_v2, "nvmlDeviceGetMemoryInfo_v2"),
    MAY(bar1, "nvmlDeviceGetBAR1MemoryInfo"),
    MAY(power, "nvmlDeviceGetPowerUsage"),
    MAY(power_limit, "nvmlDeviceGetPowerManagementLimit"),
    MAY(power_default, "nvmlDeviceGetPowerManagementDefaultLimit"),
    MAY(power_range, "nvmlDeviceGetPowerManagementLimitConstraints"),
    MAY(temperature, "nvmlDeviceGetTemperature"),
    MAY(temperature_v, "nvmlDeviceGetTemperatureV"),
    MAY(threshold, "nvmlDeviceGetTemperatureThreshold"),
    MAY(clock, "nvmlDeviceGetClockInfo"),
    MAY(utilization, "nvmlDeviceGetUtilizationRates"),
    MAY(ecc_mode, "nvmlDeviceGetEccMode"),
    MAY(ecc_total, "nvmlDeviceGetTotalEccErrors"),
    MAY(event_reasons, "nvmlDeviceGetCurrentClocksEventReasons"),
    MAY(throttle_reasons, "nvmlDeviceGetCurrentClocksThrottleReasons"),
    MAY(replays, "nvmlDeviceGetPcieReplayCounter"),
    MAY(capability, "nvmlDeviceGetCudaComputeCapability"),
    MAY(compute_v3, "nvmlDeviceGetComputeRunningProcesses_v3"),
    MAY(compute_v2, "nvmlDeviceGetComputeRunningProcesses_v2"),
    MAY(graphics_v3, "nvmlDeviceGetGraphicsRunningProcesses_v3"),
    MAY(graphics_v2, "nvmlDeviceGetGraphicsRunningProcesses_v2"),
    MAY(peer_status, "nvmlDeviceGetP2PStatus"),
};

// Each field of the table has its line above.
_Static_assert(
    sizeof(tbx_nvml) == sizeof symbols / sizeof symbols[0] * sizeof(void *), "a call without name");

int tbx_nvml_open(tbx_nvml *table, const char *library, char *why, size_t size) {
  return tbx_resolve(table, symbols, sizeof symbols / sizeof symbols[0], library, why, size);
}
