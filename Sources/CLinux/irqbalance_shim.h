// The control socket of irqbalance (irqbalance.c, sock_handle): one command a connection, with the
// caller's credentials beside it, and an answer for some.
#pragma once
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/// Connects to the irqbalance with this process id, in /run or, where that could not be made, by
/// its abstract name. Returns a descriptor or a negative errno.
static inline int tbx_irqbalance_connect(int pid, const char *folder) {
  int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  struct timeval limit = {.tv_sec = 3};
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s/irqbalance%d.sock", folder, pid);
  if (connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0) return descriptor;
  memset(address.sun_path, 0, sizeof address.sun_path);
  int length = snprintf(
      address.sun_path + 1, sizeof address.sun_path - 1, "irqbalance%d.sock", pid);
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
  if (connect(descriptor, (struct sockaddr *)&address, size) == 0) return descriptor;
  int failure = errno;
  close(descriptor);
  return -failure;
}

/// Sends a command with credentials. Returns 0 or an errno. The macros of control messages are not
/// for Swift, and SCM_CREDENTIALS (2) and struct ucred need _GNU_SOURCE.
static inline int tbx_irqbalance_send(int descriptor, const void *command, size_t size) {
  struct { int pid, uid, gid; } credentials = {(int)getpid(), (int)getuid(), (int)getgid()};
  union {
    char bytes[CMSG_SPACE(sizeof credentials)];
    struct cmsghdr header;
  } control;
  memset(&control, 0, sizeof control);
  struct iovec text = {(void *)command, size};
  struct msghdr message = {
      .msg_iov = &text, .msg_iovlen = 1, .msg_control = control.bytes,
      .msg_controllen = sizeof control.bytes};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = 2;
  header->cmsg_len = CMSG_LEN(sizeof credentials);
  memcpy(CMSG_DATA(header), &credentials, sizeof credentials);
  ssize_t sent = sendmsg(descriptor, &message, MSG_NOSIGNAL);
  if (sent < 0) return errno;
  return (size_t)sent == size ? 0 : EMSGSIZE;
}
