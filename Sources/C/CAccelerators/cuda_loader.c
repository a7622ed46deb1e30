#include "cuda_loader.h"

int tbx_cuda_open(tbx_cuda *table, const char *library, char *why, size_t size) {
  static const char *const names[] = {TBX_CUDA_CALLS(TBX_NAME) TBX_CUDA_OPTIONAL_CALLS(TBX_NAME)};
  static const char *const required[] = {TBX_CUDA_CALLS(TBX_NAME)};
  return tbx_resolve(
      table, names, sizeof names / sizeof names[0], sizeof required / sizeof required[0], library,
      why, size);
}
