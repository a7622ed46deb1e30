#include "nvml_loader.h"

int tbx_nvml_open(tbx_nvml *table, const char *library, char *why, size_t size) {
  static const char *const names[] = {TBX_NVML_CALLS(TBX_NAME) TBX_NVML_OPTIONAL_CALLS(TBX_NAME)};
  static const char *const required[] = {TBX_NVML_CALLS(TBX_NAME)};
  return tbx_resolve(
      table, names, sizeof names / sizeof names[0], sizeof required / sizeof required[0], library,
      why, size);
}
