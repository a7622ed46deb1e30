// sd-bus of libsystemd (libsystemd.so.0) resolved at run time: a box without systemd starts too,
// and nothing of it is needed to build.
//
// The declarations are our own, of the part of sd-bus that is not variadic. libsystemd's ABI is
// versioned by symbol and has been stable since release 221.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// sd_bus_error: what the other side, or the library, says went wrong.
typedef struct tbx_bus_error {
  const char *name;
  const char *message;
  int need_free;
} tbx_bus_error;

/// sd_bus and sd_bus_message, which stay the library's.
typedef void *tbx_bus;
typedef void *tbx_bus_message;

/// The calls. Each returns a negative errno on failure.
typedef struct tbx_bus_calls {
  int (*open_system)(tbx_bus *bus);
  int (*create)(tbx_bus *bus);
  int (*set_address)(tbx_bus bus, const char *address);
  int (*set_client)(tbx_bus bus, int on);
  int (*start)(tbx_bus bus);
  tbx_bus (*close)(tbx_bus bus);
  int (*new_method_call)(
      tbx_bus bus, tbx_bus_message *message, const char *destination, const char *path,
      const char *interface, const char *member);
  int (*append_basic)(tbx_bus_message message, char type, const void *value);
  int (*append_array)(tbx_bus_message message, char type, const void *bytes, size_t size);
  int (*open_container)(tbx_bus_message message, char type, const char *contents);
  int (*close_container)(tbx_bus_message message);
  int (*call)(
      tbx_bus bus, tbx_bus_message message, uint64_t microseconds, tbx_bus_error *error,
      tbx_bus_message *reply);
  int (*read_basic)(tbx_bus_message message, char type, void *value);
  int (*read_array)(tbx_bus_message message, char type, const void **bytes, size_t *size);
  int (*enter_container)(tbx_bus_message message, char type, const char *contents);
  int (*exit_container)(tbx_bus_message message);
  int (*skip)(tbx_bus_message message, const char *types);
  tbx_bus_message (*release)(tbx_bus_message message);
  void (*free_error)(tbx_bus_error *error);
  int (*process)(tbx_bus bus, tbx_bus_message *message);
  int (*descriptor)(tbx_bus bus);
  int (*events)(tbx_bus bus);
  int (*timeout)(tbx_bus bus, uint64_t *microseconds);
  int (*message_type)(tbx_bus_message message, uint8_t *type);
  const char *(*message_path)(tbx_bus_message message);
  const char *(*message_interface)(tbx_bus_message message);
  const char *(*message_member)(tbx_bus_message message);
  const char *(*message_destination)(tbx_bus_message message);
  int (*peek_type)(tbx_bus_message message, char *type, const char **contents);
} tbx_bus_calls;

/// Fills `table` from the library of that name or path.
/// Returns 0; 1 when the library cannot be opened; 2 when it lacks a call that must be there.
/// The reason is written to `why`.
int tbx_bus_open(tbx_bus_calls *table, const char *library, char *why, size_t size);
