#include "pci_oracle.h"

#include <pci/pci.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tbx_oracle {
  struct pci_access *access;
};

// libpci's error handler must not return, so it jumps. Both ends of the jump and every frame
// between them are C: no Swift frame is ever skipped.
struct guard {
  jmp_buf exit;
  char *why;
  size_t size;
};
static _Thread_local struct guard *active;

__attribute__((noreturn)) static void on_error(char *format, ...) {
  if (!active) abort();  // A call that was not guarded: a defect of this file.
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(active->why, active->size, format, arguments);
  va_end(arguments);
  longjmp(active->exit, 1);
}

static void on_message(char *format, ...) { (void)format; }

static int guarded(void (*step)(void *), void *argument, char *why, size_t size) {
  struct guard guard = {.why = why, .size = size};
  active = &guard;
  volatile int status = -1;
  if (setjmp(guard.exit) == 0) {
    step(argument);
    status = 0;
  }
  active = NULL;
  return status;
}

static void scan(void *access) {
  pci_init(access);
  pci_scan_bus(access);
}

struct tbx_oracle *tbx_oracle_open(const char *folder, char *why, size_t size) {
  struct pci_access *access = pci_alloc();
  access->error = on_error;
  access->warning = access->debug = on_message;
  access->method = PCI_ACCESS_SYS_BUS_PCI;  // Never fall back to /proc or port I/O.
  pci_set_param(access, "sysfs.path", (char *)folder);
  if (guarded(scan, access, why, size) != 0) {
    pci_cleanup(access);
    return NULL;
  }
  struct tbx_oracle *oracle = malloc(sizeof *oracle);
  oracle->access = access;
  return oracle;
}

void tbx_oracle_close(struct tbx_oracle *oracle) {
  pci_cleanup(oracle->access);
  free(oracle);
}

struct question {
  struct pci_dev *device;
  struct tbx_oracle_answer *answer;
};

static void decode_express(struct pci_dev *device, int base, struct tbx_oracle_answer *answer) {
  uint32_t flags = pci_read_word(device, base + PCI_EXP_FLAGS);
  uint32_t capability = pci_read_long(device, base + PCI_EXP_DEVCAP);
  uint32_t control = pci_read_word(device, base + PCI_EXP_DEVCTL);
  uint32_t link_capability = pci_read_long(device, base + PCI_EXP_LNKCAP);
  uint32_t link_status = pci_read_word(device, base + PCI_EXP_LNKSTA);
  uint32_t capability2 = pci_read_long(device, base + PCI_EXP_DEVCAP2);
  uint32_t control2 = pci_read_word(device, base + PCI_EXP_DEVCTL2);
  uint32_t link_capability2 = pci_read_long(device, base + PCI_EXP_LNKCAP2);
  uint32_t link_control2 = pci_read_word(device, base + PCI_EXP_LNKCTL2);
  answer->version = flags & PCI_EXP_FLAGS_VERS;
  answer->port_type = (flags & PCI_EXP_FLAGS_TYPE) >> 4;
  answer->payload_supported = 128u << (capability & PCI_EXP_DEVCAP_PAYLOAD);
  answer->payload = 128u << ((control & PCI_EXP_DEVCTL_PAYLOAD) >> 5);
  answer->read_request = 128u << ((control & PCI_EXP_DEVCTL_READRQ) >> 12);
  answer->relaxed_ordering = !!(control & PCI_EXP_DEVCTL_RELAXED);
  answer->extended_tag = !!(control & PCI_EXP_DEVCTL_EXT_TAG);
  answer->link_cap_speed = link_capability & PCI_EXP_LNKCAP_SPEED;
  answer->link_cap_width = (link_capability & PCI_EXP_LNKCAP_WIDTH) >> 4;
  answer->link_speed = link_status & PCI_EXP_LNKSTA_SPEED;
  answer->link_width = (link_status & PCI_EXP_LNKSTA_WIDTH) >> 4;
  answer->training = !!(link_status & PCI_EXP_LNKSTA_TRAIN);
  answer->bandwidth_management = !!(link_status & PCI_EXP_LNKSTA_BWMGMT);
  answer->autonomous_bandwidth = !!(link_status & PCI_EXP_LNKSTA_AUTBW);
  answer->speed_vector = PCI_EXP_LNKCAP2_SPEED(link_capability2);
  answer->target_speed = PCI_EXP_LNKCTL2_SPEED(link_control2);
  answer->autonomous_speed_disabled = !!(link_control2 & PCI_EXP_LNKCTL2_SPEED_DIS);
  answer->atomic_routing = !!(capability2 & PCI_EXP_DEVCAP2_ATOMICOP_ROUTING);
  answer->atomic_requester = !!(control2 & PCI_EXP_DEVCTL2_ATOMICOP_REQUESTER_EN);
  answer->atomic_egress_blocked = !!(control2 & PCI_EXP_DEVCTL2_ATOMICOP_EGRESS_BLOCK);
}

static void answer_question(void *argument) {
  struct question *question = argument;
  struct pci_dev *device = question->device;
  struct tbx_oracle_answer *answer = question->answer;
  pci_fill_info(device, PCI_FILL_IDENT | PCI_FILL_CAPS | PCI_FILL_EXT_CAPS);
  for (struct pci_cap *capability = device->first_cap; capability;
       capability = capability->next) {
    if (answer->count == TBX_ORACLE_MOST) break;
    struct tbx_oracle_capability *slot = &answer->capabilities[answer->count++];
    slot->id = capability->id;
    slot->is_extended = capability->type == PCI_CAP_EXTENDED;
    slot->offset = capability->addr;
  }
  for (unsigned int id = 0; id < 256; id++) {
    struct pci_cap *capability = pci_find_cap(device, id, PCI_CAP_NORMAL);
    answer->standard[id] = capability ? capability->addr : 0;
  }
  for (unsigned int id = 0; id < 64; id++) {
    struct pci_cap *capability = pci_find_cap(device, id, PCI_CAP_EXTENDED);
    answer->extended[id] = capability ? capability->addr : 0;
  }
  int base = answer->standard[PCI_CAP_ID_EXP];
  if (base) decode_express(device, base, answer);
  base = answer->standard[PCI_CAP_ID_MSI];
  if (base) {
    uint32_t flags = pci_read_word(device, base + PCI_MSI_FLAGS);
    answer->msi_vectors = 1u << ((flags & PCI_MSI_FLAGS_QMASK) >> 1);
  }
  base = answer->standard[PCI_CAP_ID_MSIX];
  if (base) {
    answer->msix_vectors = (pci_read_word(device, base + PCI_MSI_FLAGS) & PCI_MSIX_TABSIZE) + 1;
  }
  base = answer->extended[PCI_EXT_CAP_ID_ACS];
  if (base) {
    answer->acs_capability = pci_read_word(device, base + PCI_ACS_CAP);
    answer->acs_control = pci_read_word(device, base + PCI_ACS_CTRL);
  }
}

int tbx_oracle_ask(struct tbx_oracle *oracle, int domain, int bus, int device,
                   struct tbx_oracle_answer *answer, char *why, size_t size) {
  memset(answer, 0, sizeof *answer);
  for (struct pci_dev *each = oracle->access->devices; each; each = each->next) {
    if (each->domain != domain || each->bus != bus || each->dev != device || each->func != 0) {
      continue;
    }
    struct question question = {.device = each, .answer = answer};
    return guarded(answer_question, &question, why, size);
  }
  snprintf(why, size, "libpci did not list the device");
  return -1;
}
