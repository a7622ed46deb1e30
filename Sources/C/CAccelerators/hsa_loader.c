#include "hsa_loader.h"

int tbx_hsa_open(tbx_hsa *table, const char *library, char *why, size_t size) {
  static const char *const names[] = {TBX_HSA_CALLS(TBX_NAME) TBX_HSA_OPTIONAL_CALLS(TBX_NAME)};
  static const char *const required[] = {TBX_HSA_CALLS(TBX_NAME)};
  return tbx_resolve(
      table, names, sizeof names / sizeof names[0], sizeof required / sizeof required[0], library,
      why, size);
}

int tbx_hsa_copies_open(tbx_hsa_copies *table, const char *library, char *why, size_t size) {
  static const char *const names[] = {TBX_HSA_COPY_CALLS(TBX_NAME)};
  size_t count = sizeof names / sizeof names[0];
  return tbx_resolve(table, names, count, count, library, why, size);
}
