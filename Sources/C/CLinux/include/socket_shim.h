// Sockets of the Unix family: addresses, credentials and descriptors in messages. The macros of
// control messages are not for Swift; struct ucred needs _GNU_SOURCE.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/// Writes the address of a path, or with `@` in front of an abstract name, as sd_notify(3) has it.
/// Returns its size; 0 when it is too long or neither.
static inline socklen_t tbx_unix_address(const char *path, struct sockaddr_un *address) {
  size_t length = strlen(path);
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (length < 2 || length >= sizeof address->sun_path) return 0;
  if (path[0] != '/' && path[0] != '@') return 0;
  memcpy(address->sun_path, path, length);
  // Names in the file system end with a NUL, abstract ones start with it.
  if (path[0] == '@') address->sun_path[0] = 0;
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (path[0] == '/'));
}

/// Seconds after which reading and writing (and connecting) on a socket give up.
static inline void tbx_socket_limit(int descriptor, int option, double seconds) {
  struct timeval limit = {.tv_sec = (time_t)seconds};
  limit.tv_usec = (suseconds_t)((seconds - (double)limit.tv_sec) * 1e6);
  // Zero would mean for ever.
  if (limit.tv_sec == 0 && limit.tv_usec == 0) limit.tv_usec = 1000;
  setsockopt(descriptor, SOL_SOCKET, option, &limit, sizeof limit);
}

/// A stream connected to the socket at a path, within so many seconds. A descriptor or a negative
/// errno. UnixClient.
static inline int tbx_unix_connect(const char *path, double seconds) {
  struct sockaddr_un address;
  socklen_t size = tbx_unix_address(path, &address);
  if (!size) return -ENAMETOOLONG;
  int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  tbx_socket_limit(descriptor, SO_SNDTIMEO, seconds);
  if (connect(descriptor, (struct sockaddr *)&address, size) == 0) return descriptor;
  int failure = errno;
  close(descriptor);
  return -failure;
}

/// A socket for streams at a path, which must be free. A descriptor or a negative errno. UnixListener.
static inline int tbx_unix_bind(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(path);
  if (length == 0 || length >= sizeof address.sun_path) return -ENAMETOOLONG;
  memcpy(address.sun_path, path, length);
  int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -errno;
  if (bind(descriptor, (struct sockaddr *)&address, sizeof address) == 0) return descriptor;
  int failure = errno;
  close(descriptor);
  return -failure;
}

/// A socket for datagrams that waits at most a fifth of a second for a slow receiver, so that a
/// logger that hangs does not hang its clients. -1 with errno on failure.
static inline int tbx_datagrams(void) {
  int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor >= 0) tbx_socket_limit(descriptor, SO_SNDTIMEO, 0.2);
  return descriptor;
}

/// Sends a datagram to a path or abstract name, with a descriptor beside it unless `attached` is
/// negative. Returns 0 or an errno. Journal, ServiceManager.
static inline int tbx_send_to(
    int descriptor, const char *path, const void *bytes, size_t count, int attached) {
  struct sockaddr_un address;
  socklen_t size = tbx_unix_address(path, &address);
  if (!size) return ENAMETOOLONG;
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr header;
  } control;
  struct iovec text = {(void *)bytes, count};
  struct msghdr message = {.msg_name = &address, .msg_namelen = size};
  if (count) {
    message.msg_iov = &text;
    message.msg_iovlen = 1;
  }
  if (attached >= 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof attached);
    memcpy(CMSG_DATA(header), &attached, sizeof attached);
  }
  ssize_t sent;
  do {
    sent = sendmsg(descriptor, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? errno : 0;
}

/// A file in memory with these bytes, sealed against every change, as the journal wants it
/// (memfd_create(2), fcntl(2) F_ADD_SEALS). -1 with errno on failure.
static inline int tbx_sealed_file(const void *bytes, size_t count) {
  int file = (int)syscall(SYS_memfd_create, "journal", 3 /* MFD_CLOEXEC | MFD_ALLOW_SEALING */);
  if (file < 0) return -1;
  for (size_t done = 0; done < count;) {
    ssize_t written = write(file, (const char *)bytes + done, count - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) goto failed;
    done += (size_t)written;
  }
  // F_ADD_SEALS with F_SEAL_SEAL, _SHRINK, _GROW and _WRITE.
  if (fcntl(file, 1033, 1 | 2 | 4 | 8) == 0) return file;
failed:;
  int failure = errno;
  close(file);
  errno = failure;
  return -1;
}

/// Close-on-exec for a descriptor that came from outside. 0, or -1 with errno: no such descriptor.
static inline int tbx_close_on_exec(int descriptor) {
  int flags = fcntl(descriptor, F_GETFD);
  if (flags < 0) return -1;
  return fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC);
}

/// Who is at the other end of a Unix socket (SO_PEERCRED): as it was when it connected. 0 or errno.
static inline int tbx_peer(int descriptor, int *pid, uint32_t *user, uint32_t *group) {
  struct { int pid; uint32_t uid, gid; } peer = {0, 0, 0};
  socklen_t size = sizeof peer;
  if (getsockopt(descriptor, SOL_SOCKET, 17 /* SO_PEERCRED */, &peer, &size) < 0) return errno;
  if (size != sizeof peer || peer.uid == UINT32_MAX) return ENOTCONN;
  *pid = peer.pid;
  *user = peer.uid;
  *group = peer.gid;
  return 0;
}

/// Its supplementary groups (SO_PEERGROUPS, Linux 4.13). `count` is what fits, and becomes what
/// there are. 0 or errno; ERANGE when they do not fit.
static inline int tbx_peer_groups(int descriptor, uint32_t *groups, size_t *count) {
  socklen_t size = (socklen_t)(*count * sizeof *groups);
  int failure = 0;
  if (getsockopt(descriptor, SOL_SOCKET, 59 /* SO_PEERGROUPS */, groups, &size) < 0) failure = errno;
  *count = size / sizeof *groups;
  return failure;
}

/// Sends bytes in one message with the credentials of this process beside them (SCM_CREDENTIALS of
/// unix(7), 2; struct ucred needs _GNU_SOURCE). 0 or errno; EMSGSIZE when only a part was taken.
static inline int tbx_send_credentials(int descriptor, const void *bytes, size_t count) {
  struct { int pid, uid, gid; } credentials = {(int)getpid(), (int)getuid(), (int)getgid()};
  union {
    char bytes[CMSG_SPACE(sizeof credentials)];
    struct cmsghdr header;
  } control;
  memset(&control, 0, sizeof control);
  struct iovec text = {(void *)bytes, count};
  struct msghdr message = {
      .msg_iov = &text, .msg_iovlen = 1, .msg_control = control.bytes,
      .msg_controllen = sizeof control.bytes};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = 2;
  header->cmsg_len = CMSG_LEN(sizeof credentials);
  memcpy(CMSG_DATA(header), &credentials, sizeof credentials);
  ssize_t sent = sendmsg(descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) return errno;
  return (size_t)sent == count ? 0 : EMSGSIZE;
}

/// getrandom(2). RandomBytes.
static inline ssize_t tbx_random(void *bytes, size_t count) { return getrandom(bytes, count, 0); }
