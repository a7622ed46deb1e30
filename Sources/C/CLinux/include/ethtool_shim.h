// SIOCETHTOOL: what a network driver says of itself, which sysfs does not have.
#pragma once
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/// Sends one ethtool command for an interface; `command` starts with its ETHTOOL_ number and
/// receives the answer. Returns 0 or an errno. `ifreq` is a union of macros: not for Swift.
static inline int tbx_ethtool(const char *interface, void *command) {
  struct ifreq request;
  size_t length = strlen(interface);
  if (length >= sizeof request.ifr_name) return ENODEV;
  int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  // A host without IPv4 still has netlink sockets, which take the same ioctl.
  if (descriptor < 0) descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return errno;
  memset(&request, 0, sizeof request);
  memcpy(request.ifr_name, interface, length);
  request.ifr_data = (char *)command;
  int failure = ioctl(descriptor, SIOCETHTOOL, &request) < 0 ? errno : 0;
  close(descriptor);
  return failure;
}

/// ETHTOOL_GDRVINFO.
static inline int tbx_ethtool_driver(const char *interface, struct ethtool_drvinfo *answer) {
  memset(answer, 0, sizeof *answer);
  answer->cmd = ETHTOOL_GDRVINFO;
  return tbx_ethtool(interface, answer);
}

/// ETHTOOL_GCHANNELS.
static inline int tbx_ethtool_channels(const char *interface, struct ethtool_channels *answer) {
  memset(answer, 0, sizeof *answer);
  answer->cmd = ETHTOOL_GCHANNELS;
  return tbx_ethtool(interface, answer);
}

/// ETHTOOL_SCHANNELS with another number of combined channels; the other counts stay.
static inline int tbx_ethtool_set_combined(const char *interface, unsigned combined) {
  struct ethtool_channels channels;
  int failure = tbx_ethtool_channels(interface, &channels);
  if (failure) return failure;
  channels.cmd = ETHTOOL_SCHANNELS;
  channels.combined_count = combined;
  return tbx_ethtool(interface, &channels);
}
