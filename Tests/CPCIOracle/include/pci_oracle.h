#pragma once
#include <stddef.h>
#include <stdint.h>

/// What libpci makes of a configuration space. For tests alone: the product does not link libpci.

#define TBX_ORACLE_MOST 1200

struct tbx_oracle_capability {
  uint16_t id;
  uint16_t is_extended;
  uint32_t offset;
};

struct tbx_oracle_answer {
  /// The capability lists in libpci's order.
  uint32_t count;
  struct tbx_oracle_capability capabilities[TBX_ORACLE_MOST];
  /// Offset of the first capability with each id, 0 without one.
  uint32_t standard[256];
  uint32_t extended[64];
  /// Registers, taken apart with libpci's own masks; 0 where the capability is not there.
  uint32_t version, port_type, payload_supported, payload, read_request;
  uint32_t relaxed_ordering, extended_tag;
  uint32_t link_cap_speed, link_cap_width, link_speed, link_width;
  uint32_t training, bandwidth_management, autonomous_bandwidth;
  uint32_t speed_vector, target_speed, autonomous_speed_disabled;
  uint32_t atomic_routing, atomic_requester, atomic_egress_blocked;
  uint32_t msi_vectors, msix_vectors;
  uint32_t acs_capability, acs_control;
};

/// Opens libpci over a folder laid out like /sys/bus/pci. On failure returns NULL with libpci's
/// words in `why`.
struct tbx_oracle *tbx_oracle_open(const char *folder, char *why, size_t size);

/// Asks about device `device` of bus `bus` in `domain`, function 0. Returns 0, or -1 with the
/// reason in `why`.
int tbx_oracle_ask(struct tbx_oracle *oracle, int domain, int bus, int device,
                   struct tbx_oracle_answer *answer, char *why, size_t size);

void tbx_oracle_close(struct tbx_oracle *oracle);
