// sd-bus of libsystemd (libsystemd.so.0), resolved at run time: a box without systemd starts too.
#pragma once
#include <stddef.h>
#include <symbols.h>
#include <systemd/sd-bus.h>

/// The calls, of which none is variadic. Each returns a negative errno on failure.
#define TBX_BUS_CALLS(X)             \
  X(sd_bus_open_system)              \
  X(sd_bus_new)                      \
  X(sd_bus_set_address)              \
  X(sd_bus_set_bus_client)           \
  X(sd_bus_start)                    \
  X(sd_bus_flush_close_unref)        \
  X(sd_bus_message_new_method_call)  \
  X(sd_bus_message_append_basic)     \
  X(sd_bus_message_append_array)     \
  X(sd_bus_message_open_container)   \
  X(sd_bus_message_close_container)  \
  X(sd_bus_call)                     \
  X(sd_bus_message_read_basic)       \
  X(sd_bus_message_read_array)       \
  X(sd_bus_message_enter_container)  \
  X(sd_bus_message_exit_container)   \
  X(sd_bus_message_skip)             \
  X(sd_bus_message_unref)            \
  X(sd_bus_error_free)               \
  X(sd_bus_process)                  \
  X(sd_bus_get_fd)                   \
  X(sd_bus_get_events)               \
  X(sd_bus_get_timeout)              \
  X(sd_bus_message_get_type)         \
  X(sd_bus_message_get_path)         \
  X(sd_bus_message_get_interface)    \
  X(sd_bus_message_get_member)       \
  X(sd_bus_message_get_destination)  \
  X(sd_bus_message_peek_type)

/// libsystemd's functions. A table that was opened has all of them.
typedef struct tbx_bus_calls {
  TBX_BUS_CALLS(TBX_FIELD)
} tbx_bus_calls;

/// Fills `table` from the library of that name or path. Returns and `why` as `tbx_resolve`.
int tbx_bus_open(
    tbx_bus_calls *_Nonnull table, const char *_Nonnull library, char *_Nonnull why, size_t size);
