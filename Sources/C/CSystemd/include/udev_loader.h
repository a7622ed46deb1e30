// The device monitor of libudev (libudev.so.1), resolved at run time: a box without udev starts too.
//
// sd-device of libsystemd is newer, but its monitor hands out devices only through an sd-event loop.
#pragma once
#include <libudev.h>
#include <stddef.h>
#include <symbols.h>

/// The calls. Those that return int return a negative errno on failure.
#define TBX_UDEV_CALLS(X)                            \
  X(udev_new)                                        \
  X(udev_unref)                                      \
  X(udev_monitor_new_from_netlink)                   \
  X(udev_monitor_unref)                              \
  X(udev_monitor_filter_add_match_subsystem_devtype) \
  X(udev_monitor_set_receive_buffer_size)            \
  X(udev_monitor_enable_receiving)                   \
  X(udev_monitor_get_fd)                             \
  X(udev_monitor_receive_device)                     \
  X(udev_device_unref)                               \
  X(udev_device_get_action)                          \
  X(udev_device_get_subsystem)                       \
  X(udev_device_get_sysname)                         \
  X(udev_device_get_syspath)                         \
  X(udev_device_get_property_value)

/// libudev's functions. A table that was opened has all of them.
typedef struct tbx_udev_calls {
  TBX_UDEV_CALLS(TBX_FIELD)
} tbx_udev_calls;

/// Fills `table` from the library of that name or path. Returns and `why` as `tbx_resolve`.
int tbx_udev_open(
    tbx_udev_calls *_Nonnull table, const char *_Nonnull library, char *_Nonnull why, size_t size);
