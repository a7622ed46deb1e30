#include "udev_loader.h"

#include "symbols.h"

#define MUST(field, symbol) {symbol, offsetof(tbx_udev_calls, field), 1}

static const struct tbx_symbol symbols[] = {
    MUST(create, "udev_new"),
    MUST(release, "udev_unref"),
    MUST(monitor, "udev_monitor_new_from_netlink"),
    MUST(release_monitor, "udev_monitor_unref"),
    MUST(filter, "udev_monitor_filter_add_match_subsystem_devtype"),
    MUST(set_buffer, "udev_monitor_set_receive_buffer_size"),
    MUST(enable, "udev_monitor_enable_receiving"),
    MUST(descriptor, "udev_monitor_get_fd"),
    MUST(receive, "udev_monitor_receive_device"),
    MUST(release_device, "udev_device_unref"),
    MUST(action, "udev_device_get_action"),
    MUST(subsystem, "udev_device_get_subsystem"),
    MUST(name, "udev_device_get_sysname"),
    MUST(path, "udev_device_get_syspath"),
    MUST(property, "udev_device_get_property_value"),
};

// Each field of the table has its line above.
_Static_assert(
    sizeof(tbx_udev_calls) == sizeof symbols / sizeof symbols[0] * sizeof(void *),
    "a call without name");

int tbx_udev_open(tbx_udev_calls *table, const char *library, char *why, size_t size) {
  return tbx_resolve(table, symbols, sizeof symbols / sizeof symbols[0], library, why, size);
}
