// The device monitor of libudev (libudev.so.1) resolved at run time: a box without udev starts too.
//
// The declarations are our own. libudev's ABI is versioned by symbol and its interface is frozen.
// sd-device of libsystemd is newer, but its monitor hands out devices only through an sd-event loop.
#pragma once
#include <stddef.h>

/// struct udev, struct udev_monitor and struct udev_device, which stay the library's.
typedef void *tbx_udev;
typedef void *tbx_udev_monitor;
typedef void *tbx_udev_device;

/// The calls. Those that return int return a negative errno on failure.
typedef struct tbx_udev_calls {
  tbx_udev (*create)(void);
  tbx_udev (*release)(tbx_udev udev);
  tbx_udev_monitor (*monitor)(tbx_udev udev, const char *group);
  tbx_udev_monitor (*release_monitor)(tbx_udev_monitor monitor);
  int (*filter)(tbx_udev_monitor monitor, const char *subsystem, const char *type);
  int (*set_buffer)(tbx_udev_monitor monitor, int bytes);
  int (*enable)(tbx_udev_monitor monitor);
  int (*descriptor)(tbx_udev_monitor monitor);
  tbx_udev_device (*receive)(tbx_udev_monitor monitor);
  tbx_udev_device (*release_device)(tbx_udev_device device);
  const char *(*action)(tbx_udev_device device);
  const char *(*subsystem)(tbx_udev_device device);
  const char *(*name)(tbx_udev_device device);
  const char *(*path)(tbx_udev_device device);
  const char *(*property)(tbx_udev_device device, const char *key);
} tbx_udev_calls;

/// Fills `table` from the library of that name or path.
/// Returns 0; 1 when the library cannot be opened; 2 when it lacks a call that must be there.
/// The reason is written to `why`.
int tbx_udev_open(tbx_udev_calls *table, const char *library, char *why, size_t size);
