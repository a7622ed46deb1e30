#include "udev_loader.h"

int tbx_udev_open(tbx_udev_calls *table, const char *library, char *why, size_t size) {
  static const char *const names[] = {TBX_UDEV_CALLS(TBX_NAME)};
  const size_t count = sizeof names / sizeof names[0];
  return tbx_resolve(table, names, count, count, library, why, size);
}
