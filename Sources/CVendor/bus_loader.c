#include "bus_loader.h"

#include "symbols.h"

#define MUST(field, symbol) {symbol, offsetof(tbx_bus_calls, field), 1}

static const struct tbx_symbol symbols[] = {
    MUST(open_system, "sd_bus_open_system"),
    MUST(create, "sd_bus_new"),
    MUST(set_address, "sd_bus_set_address"),
    MUST(set_client, "sd_bus_set_bus_client"),
    MUST(start, "sd_bus_start"),
    MUST(close, "sd_bus_flush_close_unref"),
    MUST(new_method_call, "sd_bus_message_new_method_call"),
    MUST(append_basic, "sd_bus_message_append_basic"),
    MUST(append_array, "sd_bus_message_append_array"),
    MUST(open_container, "sd_bus_message_open_container"),
    MUST(close_container, "sd_bus_message_close_container"),
    MUST(call, "sd_bus_call"),
    MUST(read_basic, "sd_bus_message_read_basic"),
    MUST(read_array, "sd_bus_message_read_array"),
    MUST(enter_container, "sd_bus_message_enter_container"),
    MUST(exit_container, "sd_bus_message_exit_container"),
    MUST(skip, "sd_bus_message_skip"),
    MUST(release, "sd_bus_message_unref"),
    MUST(free_error, "sd_bus_error_free"),
    MUST(process, "sd_bus_process"),
    MUST(descriptor, "sd_bus_get_fd"),
    MUST(events, "sd_bus_get_events"),
    MUST(timeout, "sd_bus_get_timeout"),
    MUST(message_type, "sd_bus_message_get_type"),
    MUST(message_path, "sd_bus_message_get_path"),
    MUST(message_interface, "sd_bus_message_get_interface"),
    MUST(message_member, "sd_bus_message_get_member"),
    MUST(message_destination, "sd_bus_message_get_destination"),
    MUST(peek_type, "sd_bus_message_peek_type"),
};

// Each field of the table has its line above.
_Static_assert(
    sizeof(tbx_bus_calls) == sizeof symbols / sizeof symbols[0] * sizeof(void *),
    "a call without name");

int tbx_bus_open(tbx_bus_calls *table, const char *library, char *why, size_t size) {
  return tbx_resolve(table, symbols, sizeof symbols / sizeof symbols[0], library, why, size);
}
