// NVMe admin commands. The ioctl number is a macro with sizeof, which Swift does not import.
#pragma once
#include <errno.h>
#include <linux/nvme_ioctl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

/// Get Log Page (opcode 02h) of the whole controller into `log`. `length` is a multiple of 4.
/// Returns 0, a negative errno, or the NVMe status of a command that the drive refused.
///
/// The time limit stays the driver's own (60 s): when a command runs out of its time the driver
/// resets the controller, which is worse than waiting.
static inline int tbx_nvme_log(int descriptor, uint8_t page, void *log, uint32_t length) {
  struct nvme_admin_cmd command;
  memset(&command, 0, sizeof command);
  command.opcode = 0x02;
  command.nsid = 0xffffffff;
  command.addr = (uint64_t)(uintptr_t)log;
  command.data_len = length;
  command.cdw10 = (uint32_t)page | (length / 4 - 1) << 16;
  int status = ioctl(descriptor, NVME_IOCTL_ADMIN_CMD, &command);
  return status < 0 ? -errno : status;
}
